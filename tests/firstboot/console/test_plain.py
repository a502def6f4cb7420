"""The line mode: the same screens as numbered menus and questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.errors import Unanswered
from firstboot.console.plain import Plain
from firstboot.console.preview import PASSWORD, At, Recorded
from firstboot.console.situations import Result, Situation, situations
from tests.fakes.clock import FakeClock


@dataclass
class Scripted:
    """Says what stands on it, then nothing any more."""

    lines: list[str]
    said: list[str] = field(default_factory=list[str])
    masked: list[str] = field(default_factory=list[str])

    def say(self, text: str) -> None:
        self.said.append(text)

    def hear(self, prompt: str, *, is_masked: bool = False) -> str:
        self.said.append(prompt)
        if is_masked:
            self.masked.append(prompt)
        if not self.lines:
            raise EOFError
        return self.lines.pop(0)


def run(
    lines: Sequence[str], name: str = "fresh", answers: dict[str, Result] | None = None
) -> tuple[Scripted, Recorded]:
    clock = FakeClock()
    scene = next(one for one in situations(clock.now()) if one.name == name)
    made = Situation(scene.name, scene.status, scene.access, {**scene.answers, **(answers or {})})
    apply, talk = Recorded(made, clock), Scripted(list(lines))
    Plain(At(made, clock, is_private=False), apply, talk).run()
    return talk, apply


def asked(apply: Recorded, verb: str) -> list[object]:
    return [args for one, args in apply.asked if one == verb]


def test_home_is_read_out_with_a_numbered_menu() -> None:
    talk, _ = run([])

    assert "State: ready" in talk.said
    assert "Open this: https://192.0.2.21/cluster" in talk.said
    assert "1 Network" in talk.said
    assert "12 Keyboard and display" in talk.said


def test_the_code_is_not_read_out_unasked() -> None:
    assert not any("K7QF" in line for line in run([])[0].said)
    assert "code K7QF-2M9T" in run(["5"])[0].said


def test_a_form_is_asked_field_by_field() -> None:
    lines = ["2", "node-9", "", "", "on", ".", "1", "1", "1"]
    talk, apply = run(lines)

    assert asked(apply, "node-set") == [{"settings": {"node.name": "node-9", "node.ssh": "True"}}]
    assert "Host name: node-1 -> node-9" in talk.said
    assert "It is in force." in talk.said


def test_secrets_are_heard_masked() -> None:
    talk, apply = run(["2", "", "s3cret-word", "s3cret-word", "", ".", "1", "1"])

    assert len(talk.masked) == 2
    assert asked(apply, "node-set") == [{"settings": {"node.admin_password": "s3cret-word"}}]
    assert not any("s3cret" in line for line in talk.said)


def test_many_lines_end_with_a_dot() -> None:
    _, apply = run(["3", "1", "-----BEGIN", "-----END", ".", ".", "2"])

    assert asked(apply, "certificate.install") == []


def test_a_fault_is_said_after_its_field_and_before_the_buttons() -> None:
    talk, _ = run(["2", "no name", "", "", "", ".", "2"])

    assert sum("which host names do not have" in line for line in talk.said) == 2


def test_a_question_mark_helps() -> None:
    talk, _ = run(["?", "2", "?", "", "", "", "", ".", "2"])

    assert any(line.startswith("1 Network: Address, gateway, DNS") for line in talk.said)
    assert any("Short or full name of this node." in line for line in talk.said)


def test_a_number_that_is_none_is_said_to() -> None:
    assert "Accepted is a number from 1 to 12." in run(["77"])[0].said


def test_login_and_back() -> None:
    talk, apply = run(["9", PASSWORD, "1", "<", ""], "joined")

    assert asked(apply, "login") == [{"password": PASSWORD}]
    assert "1 DHCP again" in talk.said
    assert talk.masked


def test_steps_and_errors_are_lines() -> None:
    gone = Unanswered("nobody answers on apply.sock")
    talk, _ = run(["6", "<", "8", "1", "1"], answers={"support": gone})

    assert any("[FAILED] check.resolvers: 192.0.2.54 does not answer" in line for line in talk.said)
    assert "nobody answers on apply.sock" in talk.said


def test_where_there_is_nothing_to_choose_enter_goes_back() -> None:
    talk, _ = run(["7", "", "7"])

    assert talk.said.count("Enter goes back: ") == 2
