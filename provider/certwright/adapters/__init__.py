"""Real parts behind the ports, one folder per port."""
