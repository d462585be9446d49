"""Statistics of the protocol; every number is scipy's or statsmodels'."""
