"""Source, image, OVA: the build."""
