"""Documentation and settings files can fail: what they name must exist."""
