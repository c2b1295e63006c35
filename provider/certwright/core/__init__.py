"""Rules and use cases: no network, SQL, gRPC, environment or wall clock."""
