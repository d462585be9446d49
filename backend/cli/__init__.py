"""Commands beside the web: `flask clinical …`, `flask staff …`, `flask study …`."""
