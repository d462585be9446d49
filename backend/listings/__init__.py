"""Listings: declared columns over one aggregation each."""
