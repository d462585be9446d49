"""Tests of the audit trail: chained, verified, anchored, and complete."""
