"""Debian's Swift in one process: proxy, account, container and object servers, each on its socket of loopback.

Run by the distribution's own Python, which alone has Swift: `python3 -I swift_process.py FOLDER PORT SECRET`.
Swift's programs start each server for itself, with workers and system users; here the same servers share one loop, as
Swift's own functional tests have them, because four interpreters would cost four times the start.
"""

import sys
from pathlib import Path

import eventlet
import eventlet.patcher

eventlet.patcher.monkey_patch(all=True)

from eventlet import wsgi  # noqa: E402
from swift.common import storage_policy, utils  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.wsgi import SwiftHttpProtocol, loadapp  # noqa: E402

KINDS = ("account", "container", "object")
PARTITION_POWER = 2  # four partitions on one device: a handful of objects
NO_MIN_HOURS = 0  # the ring is made once
SWIFT = """
[swift-hash]
swift_hash_path_suffix = tests
[storage-policy:0]
name = one
default = yes
[swift-constraints]
max_header_size = 16384
"""
STORAGE = """
[DEFAULT]
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
bind_ip = 127.0.0.1
[app:main]
use = egg:swift#{kind}
"""
# Swift's CORS is the proxy's own setting: its S3 has no PutBucketCors.
PROXY = """
[DEFAULT]
swift_dir = {folder}
bind_ip = 127.0.0.1
cors_allow_origin = *
cors_expose_headers = content-range
[pipeline:main]
pipeline = catch_errors cache listing_formats s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
cors_preflight_allow_origin = *
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = {secret} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""


def ring(folder: Path, kind: str, port: int) -> None:
    builder = RingBuilder(PARTITION_POWER, 1, NO_MIN_HOURS)
    place = {"region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "d1", "weight": 1}
    builder.add_dev(place)
    builder.rebalance()
    builder.get_ring().save(str(folder / f"{kind}.ring.gz"))


def serve(kind: str, text: str, folder: Path, sock: object) -> None:
    path = folder / f"{kind}.conf"
    path.write_text(text)
    app = loadapp(str(path), global_conf={"log_name": kind})
    options = {"protocol": SwiftHttpProtocol, "log_output": False, "capitalize_response_headers": False}
    eventlet.spawn(wsgi.server, sock, app, **options)


def main(folder: Path, port: int, secret: str) -> None:
    (folder / "devices" / "d1").mkdir(parents=True)
    (folder / "swift.conf").write_text(SWIFT)
    utils.set_swift_dir(str(folder))
    storage_policy.reload_storage_policies()
    sockets = {kind: eventlet.listen(("127.0.0.1", 0)) for kind in KINDS}
    for kind, sock in sockets.items():
        ring(folder, kind, sock.getsockname()[1])
        serve(kind, STORAGE.format(folder=folder, kind=kind), folder, sock)
    serve("proxy", PROXY.format(folder=folder, secret=secret), folder, eventlet.listen(("127.0.0.1", port)))
    while True:
        eventlet.sleep(3600)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
