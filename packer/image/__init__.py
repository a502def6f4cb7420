"""Provisioning, checks and clean-up of the image."""
