"""The API as a stranger meets it: bad bodies, and everything its own document allows."""
