"""Tests of the channels against local stubs of the real protocols."""
