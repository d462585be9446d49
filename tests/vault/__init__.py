"""Tests of what is sealed per subject and can be forgotten."""
