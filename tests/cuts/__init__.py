"""Tests of data cuts and exports."""
