"""What takes longer than `make test` may: `python -m tests.soak`, as root."""
