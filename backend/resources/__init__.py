"""The web API: one flask-smorest blueprint per noun; an endpoint is schema in, use case, schema out."""
