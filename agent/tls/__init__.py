"""Stage: the certificate that nginx serves."""
