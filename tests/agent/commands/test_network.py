"""`bandstand network`: what is asked of bandstand-apply, and how its answers are said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.__main__ import main
from agent.accepted import store
from agent.accepted.store import Accepted
from agent.commands import network
from agent.settings.declaration import Settings
from agent.settings.network import Network
from agent.status import fragment, merge
from agent.steps.trial import LIMIT_S
from agent.system.files import Files
from agent.system.host import Host
from tests.fakes.apply import Apply

WAITING = {"state": "waiting", "seconds_left": 42, "faults": [], "notices": ["a notice"]}


@pytest.fixture
def apply(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Apply:
    def host() -> Host:
        return Host(files=Files(tmp_path))

    found = Apply(WAITING)
    monkeypatch.setattr(network, "ask", found)
    monkeypatch.setattr(network, "Host", host)
    return found


def test_settings_go_by_their_full_keys(apply: Apply, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["network", "set", "address=192.0.2.20/24", "network.gateway=", "--within", "30"]) == 0
    )
    wanted = {
        "settings": {"network.address": "192.0.2.20/24", "network.gateway": ""},
        "attended": True,
        "within_s": 30,
    }
    assert apply.asked == [("network-set", wanted)]
    said = capsys.readouterr().out
    assert "In 42 s it is taken back" in said
    assert "a notice" in said


def test_answers_come_from_a_file_too(apply: Apply, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("network:\n  http_proxy: http://u:p@proxy.lab:3128\n")
    assert main(["network", "set", "--answers", str(tmp_path / "a.yaml"), "--no-confirm"]) == 0
    (_, wanted) = apply.asked[0]
    assert wanted["settings"] == {"network.http_proxy": "http://u:p@proxy.lab:3128"}
    assert (wanted["attended"], wanted["within_s"]) == (False, LIMIT_S)


def test_what_is_secret_is_no_argument(apply: Apply, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["network", "set", "http_proxy=http://u:horse@proxy.lab:3128"]) == 2
    said = capsys.readouterr().err
    assert "horse" not in said
    assert "--answers -" in said
    assert apply.asked == []


@pytest.mark.parametrize("word", ["address", "=x", " =x"])
def test_what_is_no_setting_is_a_wrong_call(apply: Apply, word: str) -> None:
    assert main(["network", "set", word]) == 2
    assert apply.asked == []


@pytest.mark.parametrize(
    ("words", "verb"), [("confirm", "network-confirm"), ("undo", "network-undo")]
)
def test_each_verb_asks_for_its_own(
    apply: Apply, words: str, verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    apply.says = {"state": "taken-back", "because": "it was undone", "seconds_left": 0}
    assert main(["network", words, "--json"]) == 0
    assert apply.asked == [(verb, {})]
    assert json.loads(capsys.readouterr().out) == apply.says


@pytest.mark.usefixtures("apply")
def test_no_trial_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert main(["network", "trial"]) == 0
    assert "No trial" in capsys.readouterr().out


@pytest.mark.usefixtures("apply")
def test_what_is_and_what_is_accepted_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = Files(tmp_path)
    assert main(["network", "show"]) == 6
    _ = store.save(files, Accepted(own=Settings(network=Network(search=("lab",)))))
    _ = fragment.put(files, "watch", {"network": {"interface": "ens32", "gateway": "192.0.2.1"}})
    _ = merge.publish(files)
    assert main(["network", "show"]) == 0
    said = capsys.readouterr().out
    assert "Gateway       192.0.2.1" in said
    assert "network.search: lab" in said
