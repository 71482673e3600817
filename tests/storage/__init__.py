"""The two books, on SQLite and on PostgreSQL."""
