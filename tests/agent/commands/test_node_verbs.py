"""What `bandstand node` asks of bandstand-apply, and how the answers are said."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from agent.__main__ import main
from agent.commands import check, node, node_set, node_undo, power, reset
from agent.errors import InputRefused
from agent.status import fragment, merge
from agent.system.files import Files
from agent.system.host import Host
from tests.fakes.apply import Apply


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def apply(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Apply:
    def host() -> Host:
        return Host(files=Files(tmp_path))

    found = Apply()
    for module in (check, node, node_set, node_undo):
        monkeypatch.setattr(module, "ask", found)
    for module in (power, reset):
        monkeypatch.setattr(module, "call", found)
    for module in (check, node, node_set, node_undo, power, reset):
        monkeypatch.setattr(module, "Host", host)
    return found


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    return capsys


def test_settings_go_by_their_full_keys(apply: Apply, said: pytest.CaptureFixture[str]) -> None:
    apply.says = {"changed": True, "faults": [{"message": "late"}], "notices": ["a notice"]}
    assert main(["node", "set", "name=n1", "network.ntp="]) == 0
    assert apply.asked == [("node-set", {"settings": {"node.name": "n1", "network.ntp": ""}})]
    assert said.readouterr().out == "In force, and accepted.\nlate\n# a notice\n"


def test_an_undo_names_what_is_as_before(apply: Apply, said: pytest.CaptureFixture[str]) -> None:
    apply.says = {"changed": True, "faults": [], "notices": ["n"], "settings": ["node.name"]}
    assert main(["node", "undo"]) == 0
    assert apply.asked == [("node-undo", {})]
    assert said.readouterr().out == "As before the last change, and accepted: node.name.\n# n\n"


def test_nothing_new_is_said_as_that(apply: Apply, said: pytest.CaptureFixture[str]) -> None:
    apply.says = {"changed": False, "faults": [], "notices": []}
    assert main(["node", "set", "name=n1", "--json"]) == 0
    assert json.loads(said.readouterr().out) == apply.says


@pytest.mark.parametrize(
    ("cluster", "safe", "told"),
    [
        ("none", (True, "no cluster counts on this node"), ""),
        ("member", (True, "3 nodes are active"), "goes on meanwhile: 3 nodes are active."),
        ("member", (False, "no other is"), "does not go on meanwhile: no other is."),
        ("joining", (False, "this node is joining"), "does not go on meanwhile: this node"),
    ],
)
def test_power_says_what_it_means_to_the_cluster(
    apply: Apply,
    files: Files,
    said: pytest.CaptureFixture[str],
    cluster: str,
    safe: tuple[bool, str],
    told: str,
) -> None:
    content = {
        "cluster": {"state": cluster},
        "safe_to_restart": {"yes": safe[0], "because": safe[1]},
    }
    _ = fragment.put(files, "cluster", content)
    _ = merge.publish(files)
    apply.says = {"act": "off"}
    assert main(["node", "power", "off"]) == 0
    assert apply.asked == [("power", {"act": "off"})]
    head, _, rest = said.readouterr().out.partition("\n")
    assert head == "This node switches off now."
    assert told in rest
    assert bool(rest) is bool(told)


@pytest.mark.parametrize("words", [[], ["reboot"], ["restart", "now"]])
def test_power_knows_two_acts(apply: Apply, words: list[str]) -> None:
    assert main(["node", "power", *words]) == 2
    assert apply.asked == []


@pytest.mark.parametrize(("state", "code"), [("ok", 0), ("skipped", 0), ("failed", 1)])
def test_a_check_that_failed_is_an_exit_code_and_says_what_to_do(
    apply: Apply, said: pytest.CaptureFixture[str], state: str, code: int
) -> None:
    row = {"name": "link", "state": state, "message": "as it is", "hint": "do it"}
    apply.says = {"checks": [row]}
    assert main(["node", "check"]) == code
    assert said.readouterr().out == f"link       {state:<9}as it is\n{'':<20}do it\n"


@pytest.mark.parametrize(("changed", "told"), [(True, "others before"), (False, "the same before")])
def test_the_firewall_says_whether_it_was_another(
    apply: Apply, said: pytest.CaptureFixture[str], changed: bool, told: str
) -> None:
    apply.says = {"changed": changed}
    assert main(["node", "firewall"]) == 0
    assert apply.asked == [("firewall", {})]
    assert told in said.readouterr().out


class Terminal(io.StringIO):
    """What somebody types."""

    def isatty(self) -> bool:
        return True


def test_a_reset_asks_for_the_name_on_the_terminal(
    apply: Apply, said: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("n1\n"))
    apply.says = {"restarts": True, "kept": ["The logs stay."]}
    assert main(["node", "factory-reset"]) == 0
    assert apply.asked == [("factory-reset", {"name": "n1"})]
    told = said.readouterr()
    assert "Type the name of this node" in told.err
    assert told.out.endswith("The logs stay.\n")


def test_a_reset_takes_the_name_as_an_option_and_nothing_that_is_piped_in(
    apply: Apply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n1\n"))
    assert main(["node", "factory-reset"]) == 2
    assert apply.asked == []
    assert main(["node", "factory-reset", "--name", "n1", "--json"]) == 0
    assert apply.asked == [("factory-reset", {"name": "n1"})]


def test_a_refusal_has_its_exit_code(apply: Apply, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> dict[str, Any]:
        raise InputRefused(())

    monkeypatch.setattr(node_set, "ask", refuse)
    assert main(["node", "set", "name=n 1"]) == 3
