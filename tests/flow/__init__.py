"""Whole ways through the system."""
