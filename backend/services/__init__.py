"""Use cases: one module per noun; no web framework, no schema, no clock of their own."""
