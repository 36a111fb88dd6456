"""The reference client: a replica without I/O, a small transport, and files for where there is no network.

Hubs, the command line and benchmarks use it.
"""

from sync.client.carrying import Photographs, gathered, take_arrivals, take_replies, write_requests
from sync.client.replica import Replica
from sync.client.transport import exchange, join, rejoin

__all__ = [
    "Photographs",
    "Replica",
    "exchange",
    "gathered",
    "join",
    "rejoin",
    "take_arrivals",
    "take_replies",
    "write_requests",
]
