"""Everything that `make test` runs, its tiers side by side: `python -m tests.tiers`, as root."""
