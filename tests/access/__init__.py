"""Who may do what, where: the table, and every route against it."""
