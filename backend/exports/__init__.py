"""Files that are made in the background: packages of a data cut, long listings, with a manifest."""
