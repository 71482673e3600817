"""Called by Alembic: runs the scripts in the transaction that `storage.books` holds."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
