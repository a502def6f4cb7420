"""Tests on a real kernel in containers."""
