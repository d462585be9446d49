"""The demo: a whole system with a made-up trial, seeded through the public API alone."""
