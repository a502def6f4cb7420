"""The declaration by section, and the one validator."""
