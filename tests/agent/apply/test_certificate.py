"""A node's own pair: judged by the one validator, in force first, kept beside a cluster's."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.accepted import refused, store
from agent.accepted.store import Accepted, Membership
from agent.apply import certificate, verbs
from agent.ask.serve import Peer
from agent.ask.wire import Request
from agent.audit.trail import TRAIL
from agent.change import Stage
from agent.errors import BandstandError, Fault, InputRefused, NotNow, StepFailed, UsageError
from agent.settings.declaration import Settings
from agent.settings.secret import Secret
from agent.settings.tls import Tls
from agent.status import fragment, merge
from agent.status.model import Phase
from agent.steps.step import Step
from agent.system import nginx
from agent.system.files import Files
from agent.system.host import Host
from agent.tls import act, observe, plan
from tests.fakes.issuer import Issued, issue

NAME = "node-1.example.com"
FIB = "  |-- 192.0.2.7\n     /32 host LOCAL\n"


def _issue(name: str = NAME) -> Issued:
    now = datetime.now(UTC)
    return issue(name, begins=now - timedelta(days=1), ends=now + timedelta(days=90))


PAIR = _issue()
ENDED = issue(begins=datetime(2020, 1, 1, tzinfo=UTC), ends=datetime(2020, 2, 1, tzinfo=UTC))


def _settings(pair: Issued = PAIR) -> dict[str, str]:
    return {"tls.certificate": pair.pem, "tls.key": pair.key_pem}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    host = Host(files=Files(tmp_path))
    host.files.write("/etc/hostname", f"{NAME}\n")
    host.files.write("/proc/net/fib_trie", FIB)
    store.save(host.files, Accepted())
    return host


class Story:
    """The stage tls alone, and behind it one that fails with `breaks`."""

    def __init__(self, host: Host) -> None:
        self.host, self.breaks = host, False
        self.stages = (Stage(Phase.TLS, self._tls), Stage(Phase.SERVING, self._serving))

    def install(self, settings: object = None) -> dict[str, Any]:
        args = {"settings": _settings() if settings is None else settings}
        return certificate.install(self.host, args, lambda _: None, stages=self.stages)

    def reset(self) -> dict[str, Any]:
        return certificate.reset(self.host, lambda _: None, stages=self.stages)

    def renew(self) -> dict[str, Any]:
        return certificate.renew(self.host, lambda _: None, stages=self.stages)

    def _tls(self, settings: Settings, _: Accepted, host: Host) -> tuple[Step, ...]:
        return act.steps(plan.plan(settings.tls, observe.observe(host)), host)

    def _serving(self, *_: object) -> tuple[Step, ...]:
        return (Step("serving.nginx", self._act, str(self.breaks)),)

    def _act(self) -> None:
        if self.breaks:
            raise StepFailed("nginx refuses its new configuration")


@pytest.fixture
def story(host: Host) -> Story:
    return Story(host)


def _live(host: Host) -> str:
    found = nginx.installed(host.files)
    return found.sha256 if found else ""


def test_a_pair_is_served_and_accepted_in_its_normal_form(host: Host, story: Story) -> None:
    mangled = {key: text.replace("\n", "\r\n") for key, text in _settings().items()}
    result = story.install(mangled)
    assert result["certificate"]["source"] == "given"
    assert result["certificate"]["sha256"] == _live(host) == PAIR.sha256
    assert result["notices"] == []
    assert store.load(host.files).own.tls.certificate == PAIR.pem
    assert PAIR.key_pem.splitlines()[1] not in json.dumps(result)


def test_reset_brings_ours_back(host: Host, story: Story) -> None:
    story.install()
    result = story.reset()
    assert result["certificate"]["source"] == "self-signed"
    assert NAME in result["certificate"]["names"]
    assert store.load(host.files).own.tls == Tls()


def test_names_of_others_are_only_said(host: Host, story: Story) -> None:
    result = story.install(_settings(_issue("www.example.net")))
    assert result["notices"] == [f"tls.certificate: it names none of {NAME}, 192.0.2.7"]


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"tls.certificate": PAIR.pem, "tls.key": _issue().key_pem}, "tls.certificate"),
        ({"tls.certificate": PAIR.pem}, "tls.key"),
        ({"tls.key": PAIR.key_pem}, "tls.certificate"),
        ({"tls.certificate": PAIR.key_pem, "tls.key": PAIR.key_pem}, "tls.certificate"),
        ({"tls.certificate": " ", "tls.key": "null"}, "tls.certificate"),
        (_settings(ENDED), "tls.certificate"),
        ({}, "tls.certificate"),
        ([], "settings"),
        ({"tls.key": 7}, "settings"),
        ({**_settings(), "node.name": "n"}, "settings"),
    ],
)
def test_what_is_wrong_is_refused_and_the_former_one_stays(
    host: Host, story: Story, settings: object, fault: str
) -> None:
    story.install()
    with pytest.raises(InputRefused) as caught:
        story.install(settings)
    assert [one.setting for one in caught.value.faults] == [fault]
    assert PAIR.key_pem.splitlines()[1] not in str(caught.value.faults)
    assert _live(host) == PAIR.sha256
    assert store.load(host.files).own.tls.certificate == PAIR.pem


def test_what_nginx_refuses_is_taken_back_and_not_accepted(host: Host, story: Story) -> None:
    story.install()
    story.breaks = True
    with pytest.raises(StepFailed):
        story.install(_settings(_issue()))
    assert _live(host) == PAIR.sha256
    assert store.load(host.files).own.tls.certificate == PAIR.pem


def test_a_member_keeps_its_own_and_serves_the_clusters(host: Host, story: Story) -> None:
    clusters = _issue("board.example.com")
    shared: dict[str, str | Secret] = {
        "tls.certificate": clusters.pem,
        "tls.key": Secret(clusters.key_pem),
    }
    store.save(host.files, Accepted(shared=shared, membership=Membership.MEMBER))
    result = story.install()
    assert (result["certificate"]["source"], result["certificate"]["kept"]) == ("cluster", "given")
    assert _live(host) == clusters.sha256
    store.save(host.files, store.load(host.files)._replace(membership=Membership.NONE))
    assert story.renew()["certificate"]["sha256"] == PAIR.sha256


def test_what_first_boot_told_of_the_pair_is_void(host: Host, story: Story) -> None:
    wrong, other = Fault("tls.key", "is damaged"), Fault("node.name", "is no name")
    told = refused.Refused((wrong, other), {"tls": "a self-signed certificate"}, "answers")
    refused.save(host.files, told)
    rows = [wrong.as_json(), other.as_json()]
    took = [{"category": "tls", "took": "a self-signed certificate"}]
    fragment.put(host.files, "firstboot", {"faults": rows, "fallbacks": took, "state": "degraded"})
    story.install()
    assert refused.load(host.files) == refused.Refused((other,), {}, "answers")
    status = merge.published(host.files)
    assert [row["setting"] for row in status["faults"]] == ["node.name"]
    assert (status["fallbacks"], status["state"]) == ([], "degraded")


def test_a_node_whose_only_fault_it_was_is_ready(host: Host, story: Story) -> None:
    rows = [Fault("tls", "it could not be served").as_json()]
    fragment.put(host.files, "firstboot", {"faults": rows, "fallbacks": [], "state": "degraded"})
    story.reset()
    assert merge.published(host.files)["state"] == "ready"


def test_before_first_boot_accepted_anything_there_is_nothing_to_put_it_over(
    tmp_path: Path,
) -> None:
    fresh = Story(Host(files=Files(tmp_path / "fresh")))
    with pytest.raises(NotNow, match="first boot"):
        fresh.install()
    assert not store.exists(fresh.host.files)


def test_renewing_what_is_not_due_changes_nothing(host: Host, story: Story) -> None:
    story.reset()
    before = _live(host)
    assert story.renew()["changed"] is False
    assert _live(host) == before


def _ask(host: Host, verb: str, **args: Any) -> dict[str, Any]:
    return verbs.handle(host, Request(verb, args), Peer(1, 0, 0), lambda _: None)


@pytest.mark.parametrize(
    "args",
    [{"settings": {"tls.key": PAIR.key_pem}}, {"settings": PAIR.key_pem}, {"key": PAIR.key_pem}],
)
def test_the_trail_has_no_key_however_it_was_handed_in(host: Host, args: dict[str, Any]) -> None:
    with pytest.raises((InputRefused, UsageError)) as caught:
        _ask(host, "certificate.install", **args)
    trail = host.files.read(TRAIL) or ""
    assert '"verb": "certificate.install"' in trail
    assert isinstance(caught.value, BandstandError)
    secret = PAIR.key_pem.splitlines()[1][:30]
    assert secret not in trail
    assert secret not in json.dumps(caught.value.as_json())
