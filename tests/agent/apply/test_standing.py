"""The verb secrets: keys of what still stands outside, never a value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.apply.standing import secrets
from agent.errors import Fault, InputRefused
from agent.properties.answers import Answers
from agent.settings.declaration import CORE
from agent.system.files import Files
from agent.system.host import Host
from tests.fakes.clock import FakeClock
from tests.fakes.run import FakeRun

CANARY = "canary-55aa-horse"
QUESTION = ("vmtoolsd", "--cmd", "info-get guestinfo.ovfEnv")
SECRETS = sorted(name for row in CORE.rows if row.is_secret for name in (row.key, *row.aliases))


@pytest.fixture
def run() -> FakeRun:
    found = FakeRun()
    found.on("mount", returncode=32)
    return found


@pytest.fixture
def host(tmp_path: Path, run: FakeRun) -> Host:
    files = Files(tmp_path)
    _ = files.write("/run/systemd/container", "test")
    return Host(files=files, run=run, clock=FakeClock())


def environment(**properties: str) -> str:
    rows = "".join(
        f'<Property oe:key="{key}" oe:value="{text}"/>' for key, text in properties.items()
    )
    space = "http://schemas.dmtf.org/ovf/environment/1"
    return (
        f'<Environment xmlns="{space}" xmlns:oe="{space}">'
        f"<PropertySection>{rows}</PropertySection></Environment>"
    )


def test_every_secret_that_stands_is_named_and_no_value(host: Host, run: FakeRun) -> None:
    given = dict.fromkeys(SECRETS, CANARY) | {"network.address": "192.0.2.1/24"}
    run.on(*QUESTION, stdout=environment(**given))
    found = secrets(host)
    assert (found["secrets"], found["source"]) == (SECRETS, "guestinfo")
    assert CANARY not in json.dumps(found)


@pytest.mark.parametrize("blank", ["", "  ", "null"])
def test_what_was_blanked_is_not_named(host: Host, run: FakeRun, blank: str) -> None:
    given = dict.fromkeys(SECRETS, blank) | {"network.address": "192.0.2.1/24"}
    run.on(*QUESTION, stdout=environment(**given))
    assert secrets(host)["secrets"] == []


def test_a_payloads_secret_and_a_key_in_the_wrong_place_are_named(host: Host, run: FakeRun) -> None:
    given = {
        "sms.password": CANARY,
        "tls.certificate": f"-----BEGIN PRIVATE KEY----- {CANARY}",
        "node.name": "node-1",
    }
    run.on(*QUESTION, stdout=environment(**given))
    assert secrets(host)["secrets"] == ["sms.password", "tls.certificate"]


def test_an_answers_file_is_looked_at_too(host: Host, run: FakeRun) -> None:
    run.on(*QUESTION, returncode=1)
    _ = host.files.write("/etc/bandstand/answers.json", json.dumps({"tls.key": CANARY}))
    found = secrets(host)
    assert (found["secrets"], found["source"]) == (["tls.key"], "/etc/bandstand/answers.json")


def test_without_any_source_none_stands(host: Host, run: FakeRun) -> None:
    run.on(*QUESTION, returncode=1)
    found = secrets(host)
    assert (found["secrets"], found["source"]) == ([], "")
    assert any(one.startswith("guestinfo") for one in found["looked_at"])


def test_an_environment_that_cannot_be_read_is_no_all_clear(host: Host, run: FakeRun) -> None:
    run.on(*QUESTION, stdout=f'<Environment><Property key="tls.key" value="{CANARY}')
    with pytest.raises(InputRefused) as caught:
        _ = secrets(host)
    assert CANARY not in str(caught.value)


def test_a_secret_whose_text_cannot_be_told_is_named(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one that was written into the environment without escaping."""
    keys = ("tls.key", "node.name", "network.http_proxy")
    garbled = tuple(Fault(key, "cannot be told") for key in keys)

    def read(_: Host) -> Answers:
        return Answers(source="guestinfo", unreadable=garbled)

    monkeypatch.setattr("agent.apply.standing.read", read)
    found = secrets(host)
    assert found["secrets"] == ["network.http_proxy", "tls.key"]
    assert [row["setting"] for row in found["faults"]] == list(keys)


def test_credentials_in_an_url_are_a_secret_too(host: Host, run: FakeRun) -> None:
    given = {
        "network.http_proxy": f"http://proxyuser:{CANARY}@proxy.example.com:3128",
        "network.https_proxy": "http://proxy.example.com:3128",
        "node.name": "n1",
    }
    run.on(*QUESTION, stdout=environment(**given))
    found = secrets(host)
    assert found["secrets"] == ["network.http_proxy"]
    assert CANARY not in json.dumps(found)
