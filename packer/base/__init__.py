"""The bootable base disk."""
