"""What the core needs from the outside, as small protocols with their contract in prose."""
