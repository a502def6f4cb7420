"""Stage: closed but for the port table."""
