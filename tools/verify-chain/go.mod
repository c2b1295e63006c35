module certwright.dev/tools/verify-chain

go 1.25.11
