"""Value types and closed sets of the domain: frozen dataclasses and enums, no behaviour beyond their own invariants."""
