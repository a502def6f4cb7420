"""The yardsticks, beside cloud-init in the same run."""
