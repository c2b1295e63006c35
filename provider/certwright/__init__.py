"""ACM-like certificates for any infrastructure, declared in Pulumi."""

__version__ = "0.1.0"
