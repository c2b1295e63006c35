"""DNS over real servers: authoritative look-ups and RFC 2136 updates."""
