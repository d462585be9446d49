"""Tests of the commands beside the web."""
