"""The order of events on a boot, and the face on tty1."""
