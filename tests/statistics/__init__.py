"""Tests of the statistics against values worked by hand or published."""
