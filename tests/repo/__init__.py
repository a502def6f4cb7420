"""Linters, contracts and generated files, as tests."""
