"""The settings that hold, and the secrets beside them."""
