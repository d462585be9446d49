"""Tests of the clock process: delivery from the real outbox, and its death at any moment."""
