"""Documents as stored, and every query on them: one module per noun."""
