"""The one engine for everything that takes steps: step, journal, run."""
