"""The history of the tables of both books, as Alembic scripts."""
