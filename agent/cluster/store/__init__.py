"""The cluster's PostgreSQL: connect, migrate, and one module per table."""
