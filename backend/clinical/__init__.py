"""The pure clinical core: facts in, assessment out; the only place with medical meaning."""
