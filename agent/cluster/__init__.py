"""The cluster: CA, seal, join, membership, the database."""
