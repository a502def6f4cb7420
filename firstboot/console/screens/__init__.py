"""One module a screen, by the noun of its settings or verb."""
