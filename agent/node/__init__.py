"""Stage: host name, machine-id, host keys, accounts, time zone."""
