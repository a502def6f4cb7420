"""Small stand-ins for the doors."""
