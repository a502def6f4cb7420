"""The harness: guests, containers, networks, and the demo."""
