"""The bundle that goes with a question: what this node knows of itself, without its secrets."""
