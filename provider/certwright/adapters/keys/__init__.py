"""Master keys, the envelope vault and the only module that holds raw private keys."""
