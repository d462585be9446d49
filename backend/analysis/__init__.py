"""What tables, pictures and submission files count: one record per subject, and the statistics."""
