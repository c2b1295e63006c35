"""Front doors that translate and decide nothing: gRPC for the Pulumi engine, the command line."""
