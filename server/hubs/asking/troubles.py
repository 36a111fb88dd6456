"""Why a round failed, as a code that people are told in their own words (`UplinkTrouble`)."""

from server.errors import UpstreamFails, UpstreamRefuses, UpstreamUnreachable, UpstreamUnreadable
from server.tables import UplinkTrouble

KINDS: dict[type[Exception], UplinkTrouble] = {
    UpstreamUnreachable: UplinkTrouble.UNREACHABLE,
    UpstreamUnreadable: UplinkTrouble.UNREADABLE,
    UpstreamFails: UplinkTrouble.FAILED,
}
# By the problem's code. A signature that does not fit is another key's: another laptop is this hub now.
REFUSALS = {
    "device_revoked": UplinkTrouble.ENDED,
    "device_unknown": UplinkTrouble.NOT_JOINED,
    "bad_signature": UplinkTrouble.NOT_JOINED,
    "only_upstream": UplinkTrouble.IS_HUB,
    "busy": UplinkTrouble.BUSY,
    "too_many_tries": UplinkTrouble.BUSY,
    "not_ready": UplinkTrouble.BUSY,
    "store_fails": UplinkTrouble.BUSY,
}


def trouble_of(error: Exception) -> UplinkTrouble:
    """What is no fault of the way up is one of this laptop."""
    if isinstance(error, UpstreamRefuses):
        otherwise = UplinkTrouble.FAILED if error.status >= 500 else UplinkTrouble.REFUSED
        return REFUSALS.get(error.code, otherwise)
    return next((KINDS[kind] for kind in type(error).__mro__ if kind in KINDS), UplinkTrouble.HERE)
