"""Tests of the datasets for regulators."""
