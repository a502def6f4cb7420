"""The root service: one handler per noun, the only thing that acts for others."""
