"""The full-screen program on tty1."""
