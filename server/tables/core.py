"""A table class's plain table, for statements that are written without the object mapper."""

from sqlalchemy import Table, inspect
from sqlmodel import SQLModel


def table_of(model: type[SQLModel]) -> Table:
    table = inspect(model).local_table
    assert isinstance(table, Table)  # noqa: S101  # every class of this package maps to one table
    return table
