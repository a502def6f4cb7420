"""Our own Debian package."""
