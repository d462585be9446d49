"""What a stranger can reach: headers, origins, bodies, filters, secrets compared."""
