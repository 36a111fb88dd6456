"""The writer's connection, kept open from one transaction to the next.

To take one from the pool, to begin through SQLAlchemy and to give it back costs as much as all that a group of
exchanges asks the log. A connection on which anything failed goes back to the pool, which looks after it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from server.bulk import tell
from server.log.entries import lock_log


class Alone:
    """One transaction after another, for one thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(writing=True)
        self._errors = (DBAPIError, engine.dialect.loaded_dbapi.Error)
        self._kept: Connection | None = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that nobody else writes beside: a command may work on the tables of a running server."""
        try:
            connection = self._begun()
            yield connection
            connection.commit()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Questions about what is durable, each as things stand when it is asked."""
        connection = self._open()
        try:
            yield connection
        finally:
            self._let_go(connection)

    def close(self) -> None:
        """Undoes what was not committed."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _open(self) -> Connection:
        if self._kept is None:
            self._kept = self._engine.connect()
        return self._kept

    def _let_go(self, connection: Connection) -> None:
        """Ends the transaction that a question began: the next must not see the past."""
        try:
            connection.rollback()
            connection.connection.rollback()  # where the driver itself began one
        except self._errors:
            self.close()

    def _begun(self) -> Connection:
        try:
            return self._locked()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            self.close()  # the database was started again since the last transaction
            return self._locked()

    def _locked(self) -> Connection:
        connection = self._open()
        connection.begin()
        lock_log(connection)
        return connection


@contextmanager
def apart(connection: Connection) -> Iterator[None]:
    """Undoes what a block wrote, and nothing else, when an error leaves it: SQLAlchemy compiles every savepoint anew,
    which takes 0.15 ms."""
    tell(connection, "SAVEPOINT apart")
    try:
        yield
    except BaseException:
        tell(connection, "ROLLBACK TO SAVEPOINT apart")
        raise
    tell(connection, "RELEASE SAVEPOINT apart")
