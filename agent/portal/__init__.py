"""The node's web pages and REST API."""
