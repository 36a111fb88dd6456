"""How the tables came to their present form, step by step (Alembic). Run by `server.database.Database.migrate`."""
