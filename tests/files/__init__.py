"""Tests of the kinds of file."""
