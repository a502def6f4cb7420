"""Pure X.509: pairs, requests, issuing."""
