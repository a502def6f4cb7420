"""Tests: the tree mirrored, and the harness."""
