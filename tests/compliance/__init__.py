"""Traceability: which test shows which requirement, and on which commit it last passed.

`docs/compliance/*.toml` are written by hand; `python -m tests.compliance.generate` makes
`docs/compliance.md` of them and of the evidence of a run.
"""
