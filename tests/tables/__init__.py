"""Tables by arm."""
