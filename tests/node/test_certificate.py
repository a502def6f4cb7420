"""The operator's own certificate and one whose key is another's; installed, refused, reset, kept
fresh.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from tests.fakes.issuer import Issued, issue
from tests.lab import checks
from tests.lab.call import Said
from tests.lab.fleet import Fleet
from tests.lab.node import Node

pytestmark = pytest.mark.node

_NAME = "board.lab"
_RELEASE = "/etc/bandstand/release"
_LIVE = "/etc/nginx/bandstand/live"
_BUILT = datetime.now(UTC).replace(microsecond=0) + timedelta(days=40)
# A certificate of ours as it would lie there had the node made it so many days ago.
_AGED = """
import sys
sys.path.insert(0, "/usr/lib/bandstand")
from datetime import timedelta
from agent.certs.self_signed import self_signed
from agent.system import nginx, own
from agent.system.clock import Clock, stamp
from agent.system.files import Files
files = Files()
names, addresses = own.names(files), own.addresses(files)
key = files.read(f"{nginx.LIVE}/key.pem")
then = Clock().now() - timedelta(days=int(sys.argv[1]))
pair = self_signed(names, addresses, now=then, former_key=key)
told = nginx.Installed("self-signed", pair.names, stamp(pair.not_after), pair.sha256, "aged")
nginx.put_pair(files, "pair-aged", told, certificate_pem=pair.certificate_pem, key_pem=pair.key_pem)
_ = files.link(nginx.LIVE, to="pair-aged")
nginx.mark_verified(files)
"""


def _issue(by: Issued | None = None, *, is_authority: bool = False, days: int = 90) -> Issued:
    now = datetime.now(UTC)
    return issue(
        _NAME if by else "authority",
        by=by,
        begins=now - timedelta(days=1),
        ends=now + timedelta(days=days),
        is_authority=is_authority,
    )


def test_a_given_pair_is_served(fleet: Fleet) -> None:
    authority = _issue(is_authority=True)
    given = _issue(authority)
    chain_backwards_on_one_line = (authority.pem + given.pem).replace("\n", " ")
    container = fleet.make(
        "given", {"tls.certificate": chain_backwards_on_one_line, "tls.key": given.key_pem}
    )
    node = fleet.boot(container)
    ok, saw = checks.served(node)
    assert ok, saw
    assert node.get("/cluster").sha256 == given.sha256
    certificate = node.status()["certificate"]
    assert certificate["names"] == [_NAME]
    assert given.key_pem.splitlines()[1] not in node.check("journalctl", "-b", "--no-pager")
    container.power_off()


@pytest.fixture(scope="module")
def node(fleet: Fleet) -> Iterator[Node]:
    """It was given a key of another certificate, and its clock is before its image was built."""
    authority = _issue(is_authority=True)
    properties = {"tls.certificate": _issue(authority).pem, "tls.key": _issue(authority).key_pem}
    container = fleet.make("mismatched", properties)
    container.lay(_RELEASE, f"VERSION=1\nBUILT={_BUILT.isoformat()}\n")
    yield fleet.boot(container)
    container.power_off()


def _codes(node: Node) -> dict[str, str]:
    return {fault["setting"]: fault["code"] for fault in node.status()["faults"]}


def _served(node: Node) -> x509.Certificate:
    """The certificate that lies there, which is the one that is shown."""
    found = x509.load_pem_x509_certificate(node.read(f"{_LIVE}/certificate.pem").encode())
    _shows(node, _sha256(found))
    return found


def _sha256(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()


def _shows(node: Node, sha256: str) -> None:
    """Workers of before a reload may still answer for a moment."""
    node.until(lambda: node.get("/cluster").sha256 == sha256, within_s=20, what=f"{sha256} served")


def test_a_key_of_another_certificate_is_refused(node: Node) -> None:
    status = node.status()
    assert _codes(node) == {"tls.certificate": "refused", "network.ntp": "clock-behind"}
    assert status["certificate"]["source"] == "self-signed"
    assert node.get("/cluster").status == 200


def test_a_clock_that_cannot_be_right_dates_nothing(node: Node) -> None:
    made = _served(node)
    assert made.not_valid_before_utc == _BUILT
    assert made.not_valid_after_utc == _BUILT + timedelta(days=397)
    # As if the clock had been ahead, and was mended.
    node.check("tee", _RELEASE, stdin="VERSION=1\n")
    node.check("systemctl", "restart", "bandstand-agent")
    sha256 = _sha256(made)
    _ = node.wait(
        lambda status: status["certificate"].get("sha256") not in (sha256, None),
        within_s=60,
        what="a certificate that is valid now",
    )
    again = _served(node)
    assert again.not_valid_before_utc < datetime.now(UTC)
    assert again.public_key() == made.public_key()
    assert "network.ntp" not in _codes(node)


def _install(node: Node, pair: str) -> Said:
    return node.shell.root("bandstand", "node", "cert", "install", "--json", stdin=pair)


def test_a_pair_is_installed_or_the_former_one_is_served(node: Node) -> None:
    authority = _issue(is_authority=True)
    given, other = _issue(authority, days=20), _issue(authority)
    said = _install(node, given.key_pem + authority.pem + given.pem)
    assert said.ok, said.stderr
    assert json.loads(said.stdout)["certificate"]["sha256"] == given.sha256
    _shows(node, given.sha256)
    assert "tls.certificate" not in _codes(node)
    assert node.status()["fallbacks"] == []

    wrong = _install(node, other.key_pem + given.pem)
    assert (wrong.returncode, "does not belong" in wrong.stderr) == (3, True)
    node.check("sh", "-c", "mv /var/log/nginx/access.log /tmp && mkdir /var/log/nginx/access.log")
    unfit = _install(node, other.key_pem + other.pem)
    node.check("sh", "-c", "rmdir /var/log/nginx/access.log && mv /tmp/access.log /var/log/nginx/")
    assert unfit.returncode == 1
    assert "nginx refuses its new configuration" in unfit.stderr
    _shows(node, given.sha256)
    assert given.pem.strip() in node.read("/etc/bandstand/settings.json").replace("\\n", "\n")

    trail = node.check("grep", "certificate.install", "/var/log/bandstand/audit.jsonl")
    assert [json.loads(line)["ended"] for line in trail.splitlines()] == [
        "done",
        "refused",
        "step-failed",
    ]
    told = trail + node.check("journalctl", "-b", "--no-pager")
    for key in (given.key_pem, other.key_pem):
        assert key.splitlines()[1] not in told

    node.check("systemctl", "restart", "bandstand-agent")
    status = node.wait(
        lambda status: any("in 19 days" in one for one in status["notices"]),
        within_s=30,
        what="notice of an end",
    )
    assert status["certificate"]["days_left"] == 19
    assert "tls.certificate" not in _codes(node)
    assert "self-signed" in node.check("bandstand", "node", "cert", "reset")
    assert _served(node).issuer == _served(node).subject


def test_the_timer_makes_ours_again_without_the_agent(node: Node) -> None:
    assert node.check("systemctl", "is-active", "bandstand-certificate.timer").strip() == "active"
    node.check("systemctl", "stop", "bandstand-agent")
    try:
        node.check("python3", "-", "300", stdin=_AGED)
        node.check("systemctl", "start", "bandstand-certificate.service")
        kept = _live(node)
        node.check("python3", "-", "370", stdin=_AGED)
        node.check("systemctl", "reload", "nginx")
        aged = _served(node)
        node.check("systemctl", "start", "bandstand-certificate.service")
        again = _served(node)
    finally:
        node.check("systemctl", "start", "bandstand-agent")
    assert kept.endswith("pair-aged")
    assert aged.not_valid_after_utc < datetime.now(UTC) + timedelta(days=30)
    assert again.not_valid_after_utc > datetime.now(UTC) + timedelta(days=390)
    assert again.public_key() == aged.public_key()
    assert "certificate.renew" in node.read("/var/log/bandstand/audit.jsonl")


def _live(node: Node) -> str:
    return node.check("readlink", _LIVE).strip()
