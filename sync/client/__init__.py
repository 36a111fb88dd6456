"""The reference client: a replica without I/O, a small transport, and files for where there is no network.

Hubs, the command line and benchmarks use it.
"""

from sync.client.carrying import gathered, take_replies, write_requests
from sync.client.replica import Replica
from sync.client.transport import exchange, join, rejoin

__all__ = ["Replica", "exchange", "gathered", "join", "rejoin", "take_replies", "write_requests"]
