"""Tests of the packed OVA in QEMU."""
