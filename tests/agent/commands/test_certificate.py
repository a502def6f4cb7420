"""`bandstand node cert`: what goes to bandstand-apply, and what is said of its answer."""

from __future__ import annotations

import io
from argparse import Namespace
from datetime import timedelta
from pathlib import Path

import pytest

from agent.commands import certificate
from agent.errors import UsageError
from agent.system import nginx
from agent.system.clock import stamp
from agent.system.files import Files
from agent.system.host import Host
from agent.values import pem
from tests.fakes.apply import Apply
from tests.fakes.clock import FakeClock
from tests.fakes.issuer import chain_of, issue

CHAIN = chain_of(2)
PEMS = "".join(one.pem for one in CHAIN)
KEY = CHAIN[0].key_pem
SERVED = {"source": "given", "names": ["a.example"], "sha256": "ab" * 32, "not_after": "2027-01-01"}


def _given(apply: Apply) -> tuple[str, str]:
    settings = apply.asked[-1][1]["settings"]
    return settings["tls.certificate"], settings["tls.key"]


@pytest.fixture
def apply(monkeypatch: pytest.MonkeyPatch) -> Apply:
    made = Apply({"certificate": SERVED})
    monkeypatch.setattr(certificate, "ask", made)
    return made


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(files=Files(tmp_path), clock=FakeClock())


def _file(host: Host, name: str, text: str) -> str:
    host.files.write(f"/{name}", text)
    return str(host.files.path(name))


def _args(host: Host, pair: str = "-", key: str | None = None) -> Namespace:
    return Namespace(host=host, certificate=pair, key=key)


def test_two_files_go_as_they_are(host: Host, apply: Apply) -> None:
    names = _file(host, "web.pem", PEMS), _file(host, "web.key", KEY)
    answer = certificate.run_install(_args(host, *names))
    assert (apply.asked[-1][0], _given(apply)) == ("certificate.install", (PEMS, KEY))
    assert answer.words.startswith("This certificate is served now:\nCertificate   SHA-256 ABAB")
    assert answer.data == apply.says


@pytest.mark.parametrize("text", [KEY + PEMS, PEMS + KEY, (PEMS + KEY).replace("\n", " ")])
def test_one_text_is_parted(
    host: Host, apply: Apply, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    certificate.run_install(_args(host))
    certificates, key = _given(apply)
    assert pem.parse_certificates(certificates) == PEMS
    assert pem.parse_private_key(key) == KEY


@pytest.mark.parametrize("text", ["", "no PEM", PEMS[:-40]])
def test_what_cannot_be_read_is_left_to_the_validator(host: Host, apply: Apply, text: str) -> None:
    certificate.run_install(_args(host, _file(host, "web.pem", text)))
    assert _given(apply) == (text, text)


def test_a_certificate_alone_has_no_key(host: Host, apply: Apply) -> None:
    certificate.run_install(_args(host, _file(host, "web.pem", PEMS)))
    assert _given(apply)[1] == ""


@pytest.mark.parametrize("text", [None, "x" * 300_000])
def test_no_file_or_one_too_long_asks_nobody(host: Host, apply: Apply, text: str | None) -> None:
    name = _file(host, "web.pem", text) if text else str(host.files.path("none.pem"))
    with pytest.raises(UsageError, match=r"\.pem"):
        certificate.run_install(_args(host, name))
    assert apply.asked == []


def test_a_folder_is_no_file(host: Host, apply: Apply) -> None:
    with pytest.raises(UsageError):
        certificate.run_install(_args(host, str(host.files.root)))


def test_which_is_in_force_is_said(host: Host, apply: Apply) -> None:
    apply.says = {"certificate": {**SERVED, "source": "cluster", "kept": "given"}}
    said = certificate.run_reset(_args(host)).words
    assert apply.asked[-1][0] == "certificate.reset"
    assert said.startswith("The certificate that the cluster shares outranks")
    assert said.endswith("kept, and served when the node leaves its cluster.")


def test_notices_and_days_left_are_said(host: Host, apply: Apply) -> None:
    apply.says = {"certificate": {**SERVED, "days_left": 1}, "notices": ["tls.certificate: odd"]}
    said = certificate.run_reset(_args(host)).words
    assert "until 2027-01-01, 1 day left\n# tls.certificate: odd" in said


def _put(host: Host, *, days: int, source: str = "self-signed") -> None:
    host.files.write("/etc/hostname", "n1\n")
    host.files.write("/proc/net/fib_trie", "  |-- 192.0.2.7\n     /32 host LOCAL\n")
    pair, ends = issue("n1"), stamp(host.clock.now() + timedelta(days=days))
    told = nginx.Installed(source, ("n1", "192.0.2.7"), ends, pair.sha256, "key")
    nginx.put_pair(host.files, "pair-1", told, certificate_pem=pair.pem, key_pem=pair.key_pem)
    host.files.link(nginx.LIVE, to="pair-1")


@pytest.mark.parametrize(("days", "source"), [(31, "self-signed"), (-1, "given")])
def test_what_is_not_due_asks_nobody(host: Host, apply: Apply, days: int, source: str) -> None:
    _put(host, days=days, source=source)
    answer = certificate.run_renew(_args(host))
    assert (answer.words, apply.asked) == ("Nothing is due.", [])


def test_what_is_due_is_asked_for(host: Host, apply: Apply) -> None:
    _put(host, days=29)
    answer = certificate.run_renew(_args(host))
    assert apply.asked[-1][0] == "certificate.renew"
    assert answer.words.startswith("Made again, since the self-signed certificate ends on 2026-01-")
    assert answer.data["renewed"] is True
