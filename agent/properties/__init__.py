"""Raw answers, and which source gave them."""
