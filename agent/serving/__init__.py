"""Stage: nginx, what it serves and when."""
