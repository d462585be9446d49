"""A seeded trial at scale over HTTP, with faults; then what was lost, doubled or late, from the outside."""
