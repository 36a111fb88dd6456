"""What can go wrong at the edge. The message says what is wrong and what to do; `problems.py` gives each a status.

TiffinError
├── NotSignedIn, WrongPassword, NotAllowed, CrossOrigin
├── NotFound, AlreadyThere, OnlyForward, DoesNotFit, Superseded, OnlyUpstream
├── CodeUnknown, CodeExpired, BadKey, UnknownKey
├── TooManyTries, BodyTooLarge, RangeNotThere, NotReady
├── UpstreamFails       what a hub meets on its way up: UpstreamUnreachable, UpstreamUnreadable, UpstreamRefuses
├── SegmentDamaged      what a disk that fails makes of old history
└── SetupError          what only the command line meets: settings, files, a missing course
"""


class TiffinError(Exception):
    """The root of this package's errors."""


class NotSignedIn(TiffinError):
    """No session, or one that has expired or was ended."""


class WrongPassword(TiffinError):
    """The name or the password is wrong; which of them is not said."""


class NotAllowed(TiffinError):
    """The account's role does not allow this."""


class CrossOrigin(TiffinError):
    """A change was asked for from a page of another origin."""


class NotFound(TiffinError):
    """Nothing of that name in this organisation. What another organisation holds does not exist here."""

    def __init__(self, what: str, name: str, advice: str = "Look at the list again.") -> None:
        super().__init__(f"There is no {what} {name[:64]} here. {advice}")


class AlreadyThere(TiffinError):
    """The name is taken."""


class OnlyForward(TiffinError):
    """A release older than the newest published one was to be published."""


class DoesNotFit(TiffinError):
    """What was asked is well formed and does not fit what it is about."""


class Superseded(TiffinError):
    """What was to be decided has been settled by newer work."""


class CodeUnknown(TiffinError):
    """No learner has this join code."""


class CodeExpired(TiffinError):
    """The join code was right once."""


class BadKey(TiffinError):
    """The public key is no P-256 point, or the proof was not made by its private half."""


class UnknownKey(TiffinError):
    """A release was signed with a key that nobody here has trusted."""


class TooManyTries(TiffinError):
    """A rate limit was reached; `retry_after_seconds` says how long to wait."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"Too many tries. Wait {retry_after_seconds} seconds, then try again.")
        self.retry_after_seconds = retry_after_seconds


class BodyTooLarge(TiffinError):
    """The request's body exceeds what this address takes."""

    def __init__(self, bytes_max: int) -> None:
        super().__init__(f"The body may have {bytes_max} bytes at most. Send it in smaller parts.")


class RangeNotThere(TiffinError):
    """The asked range lies outside the object; `size` is the object's length in bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The object has {size} bytes; ask for a range within them.")
        self.size = size


class NotReady(TiffinError):
    """The server is starting or ending."""


class OnlyUpstream(TiffinError):
    """A hub was asked for a change that only its upstream makes."""


class UpstreamFails(TiffinError):
    """The upstream cannot be reached, or would not answer as it should. Nothing is lost: the next round tries again."""


class UpstreamUnreachable(UpstreamFails):
    """There is no way to it, or the way broke."""


class UpstreamUnreadable(UpstreamFails):
    """What came is no answer of its, or only half of one."""


class UpstreamRefuses(UpstreamFails):
    """It answered, and said no: `code` is the problem's, empty where it gave none."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"The upstream answered {status}. {detail}".strip())
        self.status, self.code = status, code


class SegmentDamaged(TiffinError):
    """A segment of old history is not what was written. Look at the disk; then restore a backup (docs/restore.md)."""


class SetupError(TiffinError):
    """Something must be set up, or named rightly, before this command can work."""
