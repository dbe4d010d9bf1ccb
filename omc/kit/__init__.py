"""Plumbing that knows no trading. Its one table, `event`, is the append-only log that every slice writes to."""
