"""The API over the wire, noun by noun."""
