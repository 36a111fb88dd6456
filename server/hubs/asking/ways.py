"""Why there was no way to the upstream, in a sentence for whoever carries the hub: which address, and what to look at.

httpx says which step failed (https://www.python-httpx.org/exceptions/); which of its causes the system named stands
further down the chain of exceptions.
"""

import errno
import socket
import ssl
from collections.abc import Iterator

import httpx

NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)
NO_NAME_SERVER = (socket.EAI_AGAIN, socket.EAI_FAIL)
HTTPS_PORT, HTTP_PORT = 443, 80
AGAIN = "Try again; what was done stays done."
NO_TIFFIN = (
    "Check the address. In a hotel's or an office's network a page to sign in may stand between: open the address in a "
    "browser."
)


def in_words(error: httpx.RequestError | httpx.InvalidURL, url: httpx.URL) -> str:
    """`url`: the upstream's, as it was given to this hub."""
    address = _address(url)
    match error:
        case httpx.ConnectTimeout():
            return (
                f"{address} does not answer at all. Check the address, this laptop's network, that the main server is "
                f"switched on, and that no firewall closes port {_port(url)}."
            )
        case httpx.ConnectError():
            return _of_connecting(error, url, address)
        case httpx.TimeoutException():
            return f"{address} was reached, and then nothing came any more: the network is thin, or it is busy. {AGAIN}"
        case httpx.NetworkError():
            return f"The connection to {address} broke on the way: the network went. {AGAIN}"
        case httpx.ProxyError():
            return f"The proxy that this laptop is set to use (HTTPS_PROXY) does not lead to {address}: {error}"
        case httpx.RemoteProtocolError():
            return (
                f"What listens at {address} hung up, or does not speak as a web server does. Check the port, whether "
                "the address begins with https://, and whether the main server runs."
            )
        case httpx.TooManyRedirects():
            return f"{address} sends from one address to the next without end. {NO_TIFFIN}"
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return f"{address} is no address that can be asked. Write it whole: https://…"
    return f"{address} cannot be asked: {error or type(error).__name__}. {NO_TIFFIN}"


def is_no_tiffin(url: httpx.URL) -> str:
    """Of an answer that no Tiffin gives."""
    return f"What answers at {_address(url)} is no Tiffin server. {NO_TIFFIN}"


def stands_before(url: httpx.URL, status: int) -> str:
    """Of a failure that a proxy tells, not the server behind it."""
    return (
        f"Something stands before the main server at {_address(url)} and does not reach it ({status}). "
        "Look whether the main server itself runs there."
    )


def _of_connecting(error: httpx.ConnectError, url: httpx.URL, address: str) -> str:
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return (
                    f"{address} shows a certificate that is not good for it: {cause.verify_message}. "
                    "Check the address and this laptop's clock; else whoever runs the main server must renew it."
                )
            case ssl.SSLError():
                return (
                    f"What listens at {address} does not speak TLS ({cause.reason or cause}). Check the port, and "
                    "whether the address begins with http:// or https://."
                )
            case socket.gaierror() if cause.errno in NO_NAME_SERVER:
                return f"Nobody here knows where {url.host} is: no name server answers. Check this laptop's network."
            case socket.gaierror():
                return f"There is no server of the name {url.host}. Check how it is written, and this laptop's network."
            case ConnectionRefusedError():
                return (
                    f"{address} is there, and nothing listens on port {_port(url)}. Check the address and its port, "
                    "and that the main server runs; a firewall may also refuse."
                )
            case OSError() if cause.errno in NO_WAY:
                return f"There is no way from here to {address}. Check this laptop's network."
    return f"{address} cannot be reached: {error or type(error).__name__}. Check the address and the network."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _address(url: httpx.URL) -> str:
    """Without what may be secret in it."""
    return str(url.copy_with(userinfo=None, path="/", query=None, fragment=None)).rstrip("/")


def _port(url: httpx.URL) -> int:
    return url.port or (HTTPS_PORT if url.scheme == "https" else HTTP_PORT)
