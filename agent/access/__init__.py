"""Who may ask what of this node: its claim, the one-time code, logins, the shell, recovery."""
