"""A fragment per process, merged when read, published as one file."""
