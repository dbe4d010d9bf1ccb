"""The schema's history: one straight line of revisions, written as SQL."""
