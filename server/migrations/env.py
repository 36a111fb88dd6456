"""What Alembic runs: the migrations on the connection that it is given. There is no other way in."""

from alembic import context
from sqlmodel import SQLModel

import server.tables  # noqa: F401  (fills the metadata)

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
