"""The pair laid down, swapped in and taken back, below a folder."""

from __future__ import annotations

import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from agent.certs.self_signed import LIFE
from agent.errors import StepFailed
from agent.settings.secret import Secret
from agent.settings.tls import Tls
from agent.steps.journal import Journal
from agent.steps.run import run_steps, undo_steps
from agent.steps.step import Step
from agent.system import nginx
from agent.system.clock import built, stamp
from agent.system.files import Files
from agent.system.host import Host
from agent.tls import act, observe
from agent.tls.plan import plan
from tests.fakes.clock import FakeClock
from tests.fakes.issuer import chain_of, issue

FIB = """Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 192.0.2.7
        /32 host LOCAL
     |-- 192.0.2.255
        /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 169.254.3.4
        /32 host LOCAL
"""

_OTHER = ec.generate_private_key(ec.SECP384R1())


@pytest.fixture
def host(tmp_path: Path) -> Host:
    files = Files(tmp_path)
    files.write("/etc/hostname", "n1\n")
    files.write("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 n1.example.com n1  # ours\n")
    files.write("/proc/net/fib_trie", FIB)
    return Host(files=files)


def _apply(tls: Tls, host: Host) -> tuple[Step, ...]:
    steps = act.steps(plan(tls, observe.observe(host)), host)
    return run_steps(steps, Journal(host.files, "/journal"), host.clock)


def _live(host: Host) -> nginx.Installed:
    found = nginx.installed(host.files)
    assert found is not None
    return found


def _pair() -> tuple[str, str]:
    chain = chain_of(3)
    return "".join(one.pem for one in reversed(chain)), chain[0].key_pem


def test_a_node_names_itself_in_its_own_certificate(host: Host) -> None:
    _apply(Tls(), host)
    live = _live(host)
    assert live.source == "self-signed"
    assert live.names == ("n1", "n1.example.com", "192.0.2.7")


def test_the_key_is_for_root_alone(host: Host) -> None:
    _apply(Tls(), host)
    key = host.files.path(f"{nginx.LIVE}/key.pem")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o755


def test_the_second_run_changes_nothing(host: Host) -> None:
    _apply(Tls(), host)
    before = host.files.path(nginx.LIVE).readlink()
    _apply(Tls(), host)
    assert host.files.path(nginx.LIVE).readlink() == before


def test_a_new_address_makes_a_new_certificate(host: Host) -> None:
    _apply(Tls(), host)
    host.files.write("/proc/net/fib_trie", FIB.replace("192.0.2.7", "192.0.2.8"))
    _apply(Tls(), host)
    assert "192.0.2.8" in _live(host).names
    assert "192.0.2.7" not in _live(host).names


def test_a_given_chain_lies_there_leaf_first(host: Host) -> None:
    certificate, key = _pair()
    _apply(Tls(certificate=certificate, key=Secret(key)), host)
    blocks = (host.files.read(f"{nginx.LIVE}/certificate.pem") or "").split("-----BEGIN")[1:]
    assert [certificate.count(block) for block in blocks] == [1, 1, 1]
    assert certificate.endswith(f"-----BEGIN{blocks[0]}")
    assert _live(host).source == "given"


def _key(host: Host) -> str:
    return host.files.read(f"{nginx.LIVE}/key.pem") or ""


def test_ours_is_made_again_with_the_same_key_and_until_then_not_at_all(host: Host) -> None:
    clock = FakeClock()
    host = host._replace(clock=clock)
    _apply(Tls(), host)
    first, key = _live(host), _key(host)
    clock.pass_s((396 - 31) * 86400)
    _apply(Tls(), host)
    assert _live(host) == first
    clock.pass_s(2 * 86400)
    _apply(Tls(), host)
    assert _live(host).sha256 != first.sha256
    assert _live(host).not_after > first.not_after
    assert _key(host) == key
    host.files.write("/etc/hostname", "n2\n")
    _apply(Tls(), host)
    assert "n2" in _live(host).names
    assert _key(host) == key


@pytest.mark.parametrize("damaged", ["", "no key", issue(key=_OTHER).key_pem])
def test_a_key_that_is_none_of_ours_any_more_makes_room(host: Host, damaged: str) -> None:
    _apply(Tls(), host)
    host.files.write(f"{nginx.LIVE}/key.pem", damaged, mode=0o600)
    host.files.write("/etc/hostname", "n2\n")
    _apply(Tls(), host)
    assert "n2" in _live(host).names
    assert _key(host) != damaged


def test_after_a_given_pair_ours_has_another_key(host: Host) -> None:
    certificate, key = _pair()
    _apply(Tls(certificate=certificate, key=Secret(key)), host)
    _apply(Tls(), host)
    assert _live(host).source == "self-signed"
    assert _key(host) != key


def test_a_clock_before_the_build_date_dates_nothing(host: Host) -> None:
    clock = FakeClock()
    host = host._replace(clock=clock)
    built = clock.now() + timedelta(days=500)
    host.files.write("/etc/bandstand/release", f"NAME=x\nBUILT={stamp(built)}\n")
    _apply(Tls(), host)
    dated = _live(host)
    assert (dated.not_before, dated.not_after) == (stamp(built), stamp(built + LIFE))
    for days in (250, 250, 300):
        clock.pass_s(days * 86400)
        _apply(Tls(), host)
        assert _live(host) == dated
    clock.pass_s(70 * 86400)
    _apply(Tls(), host)
    assert _live(host).not_after > dated.not_after


def test_what_a_clock_far_ahead_dated_is_made_again_once_it_is_mended(host: Host) -> None:
    clock = FakeClock()
    host = host._replace(clock=clock)
    clock.pass_s(3650 * 86400)
    _apply(Tls(), host)
    key = _key(host)
    clock.pass_s(-3650 * 86400)
    _apply(Tls(), host)
    assert _live(host).not_before < stamp(clock.now())
    assert _key(host) == key


@pytest.mark.parametrize(
    "text", ["", "BUILT=", "BUILT=yesterday", "BUILT=0001-01-01T00:00:00+23:00"]
)
def test_a_release_that_does_not_tell_when_it_was_built(host: Host, text: str) -> None:
    host.files.write("/etc/bandstand/release", text)
    assert built(host.files) is None


@pytest.mark.parametrize("name", ["certificate.pem", "key.pem", "pair.json"])
def test_a_pair_that_was_tampered_with_is_made_again(host: Host, name: str) -> None:
    _apply(Tls(), host)
    host.files.remove(f"{nginx.LIVE}/{name}")
    assert nginx.installed(host.files) is None
    _apply(Tls(), host)
    assert nginx.installed(host.files) is not None


def test_a_certificate_put_there_by_hand_counts_as_tampering(host: Host) -> None:
    _apply(Tls(), host)
    host.files.write(f"{nginx.LIVE}/certificate.pem", issue().pem)
    assert nginx.installed(host.files) is None


def test_a_pair_that_does_not_match_leaves_the_live_one(host: Host) -> None:
    _apply(Tls(), host)
    before = _live(host)
    with pytest.raises(StepFailed, match="cannot be served: the key does not belong"):
        _apply(Tls(certificate=issue().pem, key=Secret(issue().key_pem)), host)
    assert _live(host) == before


def test_undo_brings_the_former_pair_back(host: Host) -> None:
    _apply(Tls(), host)
    before = _live(host)
    certificate, key = _pair()
    done = _apply(Tls(certificate=certificate, key=Secret(key)), host)
    assert _live(host) != before
    undo_steps(done, Journal.load(host.files, "/journal"))
    assert _live(host) == before


def test_undo_of_the_first_pair_leaves_none(host: Host) -> None:
    done = _apply(Tls(), host)
    undo_steps(done, Journal.load(host.files, "/journal"))
    assert nginx.installed(host.files) is None
    assert not host.files.path(nginx.LIVE).is_symlink()


@pytest.mark.outside
def test_a_node_that_has_its_pair_loads_no_cryptography(host: Host) -> None:
    _apply(Tls(), host)
    program = f"""
import sys
from pathlib import Path
from agent.settings.tls import Tls
from agent.system.files import Files
from agent.system.host import Host
from agent.tls import act, observe
from agent.tls.plan import plan
host = Host(files=Files(Path({str(host.files.root)!r})))
[step] = act.steps(plan(Tls(), observe.observe(host)), host)
assert step.holds()
step.act()
print(sorted({{"cryptography", "jinja2", "ssl"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("reached_at", ["board.example.com", "203.0.113.9", "2001:db8::9"])
def test_where_clients_reach_the_node_is_in_its_certificate(host: Host, reached_at: str) -> None:
    _apply(Tls(), host)
    assert not plan(Tls(), observe.observe(host, "192.0.2.7")).why
    behind = plan(Tls(), observe.observe(host, reached_at))
    assert behind.why == f"the self-signed certificate does not name {reached_at}"
    _ = run_steps(act.steps(behind, host), Journal(host.files, "/journal"), host.clock)
    assert set(_live(host).names) == {"n1", "n1.example.com", "192.0.2.7", reached_at}
    assert plan(Tls(), observe.observe(host, reached_at)).keep
