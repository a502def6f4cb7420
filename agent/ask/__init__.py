"""Typed verbs, and the clients of the sockets."""
