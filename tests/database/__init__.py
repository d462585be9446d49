"""What the code asks of a database, on the server that this run was given."""
