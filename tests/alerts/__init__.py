"""Alerts that reach a human: duty, policies, steps, noise."""
