"""The local trail of who asked for what."""
