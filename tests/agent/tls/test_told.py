"""What is told of an end that is near or past, and of a clock that cannot be right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.accepted import store
from agent.accepted.store import Accepted, Membership
from agent.settings.declaration import Settings
from agent.settings.secret import Secret
from agent.settings.tls import Tls
from agent.system import nginx
from agent.system.clock import stamp
from agent.system.files import Files
from agent.tls import told
from tests.fakes.issuer import issue

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PAIR = issue("node-1")


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def _put(files: Files, *, days: float, source: str = "given") -> None:
    ends = stamp(NOW + timedelta(days=days))
    pair = nginx.Installed(source, ("node-1",), ends, PAIR.sha256, "key")
    nginx.put_pair(files, "pair-1", pair, certificate_pem=PAIR.pem, key_pem=PAIR.key_pem)
    files.link(nginx.LIVE, to="pair-1")


@pytest.mark.parametrize(("days", "left"), [(29.5, 29), (1.5, 1), (0.5, 0)])
def test_an_operators_certificate_tells_the_days_that_are_left(
    files: Files, days: float, left: int
) -> None:
    _put(files, days=days)
    found = told.in_force(files, NOW)
    assert found["days_left"] == left
    [notice] = told.notices(found)
    assert notice.startswith(
        f"tls.certificate: the certificate that is served ends on {found['not_after'][:10]}, "
    )
    assert notice.endswith("bandstand node cert install puts a new pair in its place")
    assert told.faults(found, NOW) == ()


@pytest.mark.parametrize(("days", "source"), [(31, "given"), (29, "self-signed")])
def test_a_far_end_and_one_of_ours_tell_nothing(files: Files, days: int, source: str) -> None:
    _put(files, days=days, source=source)
    found = told.in_force(files, NOW)
    assert "days_left" not in found
    assert told.notices(found) == []
    assert told.faults(found, NOW) == ()


@pytest.mark.parametrize(
    ("source", "hint"), [("given", "bandstand node cert install"), ("self-signed", "the clock")]
)
def test_one_that_ended_is_a_fault(files: Files, source: str, hint: str) -> None:
    _put(files, days=-2, source=source)
    found = told.in_force(files, NOW)
    [fault] = told.faults(found, NOW)
    assert (fault.setting, fault.code) == ("tls.certificate", "certificate-ended")
    assert "ended on 2026-05-30" in fault.message
    assert hint in fault.hint
    assert told.notices(found) == []


def test_a_clusters_certificate_outranks_the_nodes_own(files: Files) -> None:
    _put(files, days=20)
    shared: dict[str, str | Secret] = {"tls.certificate": PAIR.pem}
    store.save(files, Accepted(shared=shared, membership=Membership.MEMBER))
    found = told.in_force(files, NOW)
    assert (found["source"], "kept" in found) == ("cluster", False)
    assert "give the cluster a new pair" in told.notices(found)[0]
    own = Settings(tls=Tls(certificate=PAIR.pem, key=Secret(PAIR.key_pem)))
    store.save(files, Accepted(own=own, shared=shared, membership=Membership.MEMBER))
    assert told.in_force(files, NOW)["kept"] == "given"


def test_without_a_certificate_only_the_clock_is_told(files: Files) -> None:
    assert told.in_force(files, NOW) == {}
    built = NOW + timedelta(days=1)
    [fault] = told.clock_faults(NOW, built)
    assert (fault.setting, fault.code) == ("network.ntp", "clock-behind")
    assert "the clock says 2026-06-01, and" in fault.message
    assert told.clock_faults(NOW + timedelta(hours=1), built) == (fault,)
    assert "2026-06-02T12:00:00Z" in fault.message
    assert (
        told.clock_faults(built, built)
        == told.clock_faults(NOW, None)
        == told.faults({}, NOW)
        == ()
    )
