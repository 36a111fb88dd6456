"""Who is told what, in which words, at most as often as promised; and the one door through which it is sent.

`policy` decides and is pure. `endpoints` says where a push may go. `push` encrypts and sends.
"""

from notifications.endpoints import Endpoints
from notifications.errors import EndpointRefused, KeysMalformed, NotificationError
from notifications.policy import (
    ATTEMPTS_MAX,
    PER_DAY_MAX,
    News,
    Outcome,
    Told,
    Topic,
    due_ms,
    gives_up,
    payload,
    worth_telling,
)
from notifications.push import Push, Subscription, new_key

__all__ = [
    "ATTEMPTS_MAX",
    "PER_DAY_MAX",
    "EndpointRefused",
    "Endpoints",
    "KeysMalformed",
    "News",
    "NotificationError",
    "Outcome",
    "Push",
    "Subscription",
    "Told",
    "Topic",
    "due_ms",
    "gives_up",
    "new_key",
    "payload",
    "worth_telling",
]
