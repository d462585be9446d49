"""Tests of the pure clinical core."""
