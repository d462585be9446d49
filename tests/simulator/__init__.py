"""The simulator: its plan, its time, one small run, and that each of its invariants can fail."""
