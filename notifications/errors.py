"""What can go wrong.

NotificationError
├── EndpointRefused   a push address that we do not send to
└── KeysMalformed     a subscription whose keys cannot encrypt
"""


class NotificationError(Exception):
    """The root of this package's errors."""


class EndpointRefused(NotificationError):
    """The address is not https, does not resolve, or leads into a private network."""


class KeysMalformed(NotificationError):
    """`p256dh` is no P-256 point, or `auth` has not 16 bytes."""
