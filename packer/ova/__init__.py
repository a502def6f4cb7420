"""Describe, VMDK, pack, verify."""
