"""What Alembic runs: the caller gives the connection, and its transaction holds the whole migration."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
