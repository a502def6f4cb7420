"""A cloud image in place of our own base disk, to its end: base, machine, image, first boot.

Debian's own cannot be counted on to be at hand: a stand-in of its shape is made and served here.
"""

from __future__ import annotations

import functools
import hashlib
import http.server
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from packer import variables
from packer.build import Build, make_image
from packer.steps import Cache, Report, remove_tree
from tests.lab import accel, checks
from tests.lab.descriptor import Hardware
from tests.lab.guest import Ground, Guest
from tests.lab.network import Network
from tests.lab.site import Site
from tests.packer.base import stand_in

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(os.geteuid() != 0, reason="makes trees, networks and guests: needs root"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """The findings on the finished disk are good, or there is none."""
    folder = tmp_path_factory.mktemp("cloud")
    image = stand_in.make(folder)
    with image.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    with _served(folder) as address:
        wish = {
            "CLOUD_IMAGE_URL": f"{address}/{image.name}",
            "CLOUD_IMAGE_SHA256": sha256,
            "BANDSTAND_ACCEL": os.environ.get("BANDSTAND_ACCEL", ""),
        }
        cache = Cache(folder / "cache", Report(folder / "report.json"))
        build = Build(variables.read(wish), cache, folder=folder / "build")
        _ = make_image(build)
    yield build
    remove_tree(folder)


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_its_kernel_gave_way_to_the_one_with_all_drivers(built: Build) -> None:
    rows = (built.folder / "packages.txt").read_text().splitlines()
    kernels = [row.split()[0] for row in rows if row.startswith("linux-image-")]
    assert "linux-image-amd64" in kernels
    assert not [name for name in kernels if "cloud" in name]
    found = [path.name for path in (built.tree / "boot").glob("vmlinuz-*")]
    assert len(found) == 1
    assert "cloud" not in found[0]


def test_it_keeps_nothing_that_is_only_a_cloud_images(built: Build) -> None:
    assert "BASE=cloud-" in (built.tree / "etc/bandstand/release").read_text()
    assert (built.tree / "etc/hosts").read_text().split()[:2] == ["127.0.0.1", "localhost"]
    assert str((built.tree / "etc/resolv.conf").readlink()).endswith("stub-resolv.conf")
    rows = (built.tree / "etc/fstab").read_text().splitlines()
    assert [row.split()[3] for row in rows if "/boot/efi" in row] == ["umask=0077,noauto"]
    users = [row.split(":")[0] for row in (built.tree / "etc/passwd").read_text().splitlines()]
    assert not {"debian", "build"} & set(users)


@pytest.mark.parametrize("firmware", ["bios", "efi"])
def test_it_boots_to_a_node_that_serves(built: Build, firmware: str) -> None:
    with Site() as site:
        network = Network(site)
        network.serve_dhcp()
        ground = Ground(site, network, _hardware(built, firmware), accel.choose(site, None))
        properties = {"node.name": "cloud", "node.ssh_keys": ground.key.public}
        guest = Guest(ground, name="cloud", properties=properties)
        _ = guest.boot()
        status = guest.node.wait_serving(within_s=240)
        assert status["state"] == "ready", status
        for ok, saw in (
            checks.card(guest.node, guest.address),
            checks.cloud_init_off(guest.node),
            checks.no_failed_unit(guest.node),
            checks.only_the_port_table(guest.node),
            checks.disk(guest.node, ground.hardware.capacity),
        ):
            assert ok, saw
        guest.power_off()


def _hardware(built: Build, firmware: str) -> Hardware:
    return Hardware(
        cpus=2,
        memory_mb=2048,
        disk=built.raw,
        capacity=built.raw.stat().st_size,
        controller="virtualscsi",
        nic="vmxnet3",
        slot=192,
        cd=True,
        firmware=firmware,
    )
