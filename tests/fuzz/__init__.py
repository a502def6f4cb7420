"""Coverage-guided fuzzing of what reads bytes that others wrote; a part of `make soak`."""
