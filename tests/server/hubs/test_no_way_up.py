"""Where a hub does not reach its upstream, it says which address, what came of it, and what to look at."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import SHUT_RDWR, SHUT_WR, create_server, socket

import httpx
import pytest

from server.errors import UpstreamFails, UpstreamRefuses, UpstreamUnreachable, UpstreamUnreadable
from server.hubs.asking import ways
from server.hubs.asking.upstream import UpstreamServer
from sync.identity import DeviceKey
from tests.running import free_port
from tests.services.front import self_made_certificate

PAGE = b"<html>Please sign in to our network</html>"
CODE = "ABCD-EFGH"


@contextmanager
def listening(answer: bytes = b"", tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A port on which one caller after another is given these bytes, whatever is asked, and is hung up on."""
    with create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_answer, args=(listener, answer, tls), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(SHUT_RDWR)  # ends its thread


def _answer(listener: socket, answer: bytes, tls: ssl.SSLContext | None) -> None:
    while True:
        try:
            caller = listener.accept()[0]
            with tls.wrap_socket(caller, server_side=True) if tls else caller as one:
                one.recv(65_536)
                one.sendall(answer)
                one.shutdown(SHUT_WR)
                while one.recv(65_536):  # closed over what is unread, the connection would be reset
                    pass
        except ssl.SSLError:
            continue  # the caller does not believe the certificate
        except OSError:
            return


def http(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def said_on_joining(url: str, kind: type[UpstreamFails] = UpstreamUnreachable) -> str:
    with httpx.Client(base_url=url) as client, pytest.raises(kind) as raised:
        UpstreamServer(client, DeviceKey.generate()).join(CODE)
    return str(raised.value)


def test_where_nothing_listens_the_address_and_its_port_are_named() -> None:
    port = free_port()
    assert said_on_joining(f"http://grace:secret@127.0.0.1:{port}/").startswith(
        f"http://127.0.0.1:{port} is there, and nothing listens on port {port}. Check the address"
    )


def test_a_name_that_nobody_has_is_named() -> None:
    said = said_on_joining("https://nobody.invalid")
    assert "nobody.invalid" in said
    assert "network" in said
    assert "Errno" not in said


def test_a_certificate_that_nobody_vouches_for_and_a_port_without_tls_are_told_apart(tmp_path: Path) -> None:
    self_made_certificate(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    with listening(tls=tls) as port:
        assert "shows a certificate that is not good for it: self" in said_on_joining(f"https://localhost:{port}")
    with listening(http("200 OK", PAGE)) as port:
        assert f"What listens at https://localhost:{port} does not speak TLS" in said_on_joining(
            f"https://localhost:{port}"
        )


def test_who_hangs_up_is_said_to() -> None:
    with listening() as port:
        assert "hung up" in said_on_joining(f"http://127.0.0.1:{port}")


@pytest.mark.parametrize("status", ["200 OK", "403 Forbidden"])
def test_a_page_to_sign_in_is_no_tiffin(status: str) -> None:
    with listening(http(status, PAGE)) as port:
        said = said_on_joining(f"http://127.0.0.1:{port}", UpstreamUnreadable)
    assert f"What answers at http://127.0.0.1:{port} is no Tiffin server." in said
    assert "a page to sign in" in said


def test_a_proxy_that_does_not_reach_the_server_is_told_from_it() -> None:
    with listening(http("502 Bad Gateway", PAGE)) as port:
        said = said_on_joining(f"http://127.0.0.1:{port}")
    assert "Something stands before the main server" in said
    assert "(502)" in said


def test_what_tiffin_itself_refuses_is_said_in_its_words() -> None:
    with listening(http("404 Not Found", b'{"code": "code_unknown", "detail": "No hub has this code."}')) as port:
        said = said_on_joining(f"http://127.0.0.1:{port}", UpstreamRefuses)
    assert "No hub has this code." in said


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (httpx.ConnectTimeout("timed out"), "no firewall closes port 443"),
        (httpx.ReadTimeout("timed out"), "nothing came any more"),
        (httpx.ReadError("reset"), "broke on the way"),
        (httpx.ProxyError("403 Forbidden"), "HTTPS_PROXY"),
        (httpx.TooManyRedirects("Exceeded maximum"), "without end"),
        (httpx.UnsupportedProtocol("ftp"), "Write it whole"),
        (httpx.DecodingError("not gzip"), "cannot be asked: not gzip"),
    ],
)
def test_every_way_in_which_asking_fails_has_a_sentence(error: httpx.RequestError, says: str) -> None:
    said = ways.in_words(error, httpx.URL("https://tiffin.example.org"))
    assert "https://tiffin.example.org" in said
    assert says in said
