"""nginx before our own server, by the very file that docs/deploy.md tells people to copy: TLS and HTTP/2."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.front import DEPLOY, Front, front_in, shipped_for, started

NGINX = "/usr/sbin/nginx"
SITE = DEPLOY / "nginx.conf"
AROUND = """daemon off; pid {folder}/pid; error_log {folder}/log; events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/tiffin.conf;
}}"""


@contextmanager
def nginx(folder: Path, target_port: int, port: int | None = None) -> Iterator[Front]:
    """In front of the server at `target_port`."""
    front = front_in(folder, port)
    (folder / "tiffin.conf").write_text(site(folder, front.port, target_port))
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
    run = [NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "log"]
    with started(front, run, folder / "log"):
        yield front


def site(folder: Path, port: int, target_port: int) -> str:
    """The file as it is shipped, with a test's ports and certificate."""
    return shipped_for(
        SITE,
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/certs/learn.example.org.pem", str(folder / "certificate.pem")),
        ("/etc/ssl/private/learn.example.org.key", str(folder / "key.pem")),
        ("http://127.0.0.1:8000", f"http://127.0.0.1:{target_port}"),
    )
