"""Text to value and back: one module a kind, each with one normal form."""
