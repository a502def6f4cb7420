"""What is true now, kept current in the status; what was left behind by it is followed."""
