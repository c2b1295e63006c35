"""`python -m certwright`: serve the Pulumi engine."""

from certwright.transport.grpc_server import main

if __name__ == "__main__":
    main()
