"""The reference client: a replica without I/O, and a small transport. Hubs, the command line and benchmarks use it."""

from sync.client.replica import Replica
from sync.client.transport import exchange, join

__all__ = ["Replica", "exchange", "join"]
