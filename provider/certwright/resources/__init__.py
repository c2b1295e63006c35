"""One module per Pulumi resource: arguments, state and the handlers that call the core."""
