"""The clock process: one table of periodic jobs, each a short module that calls services."""
