"""The server on 13000, for other nodes."""
