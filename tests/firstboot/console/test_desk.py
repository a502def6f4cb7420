"""The desk: who is let through to which screen, what is asked, what becomes of the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agent.apply.editing import edit
from agent.ask.serve import Peer
from agent.errors import NotNow, NotReachable, RefusedByPeer, Unanswered
from agent.system.files import Files
from agent.system.host import Host
from firstboot.console.keys import NAMED, Press
from firstboot.console.preview import PASSWORD, At, Recorded
from firstboot.console.screen import FormScreen
from firstboot.console.situations import SETTINGS, Result
from tests.fakes.clock import FakeClock
from tests.fakes.console import NAMES, Bench
from tests.fakes.run import FakeRun

GONE = Unanswered("nobody answers on apply.sock")


def test_an_unclaimed_node_lets_everybody_through() -> None:
    assert Bench().started().keys("2").noun == "node"


def test_a_claimed_one_asks_for_the_password_first_and_then_opens() -> None:
    bench = Bench("joined").started().keys("1")
    assert bench.noun == "login"

    bench.keys(PASSWORD, "enter")

    assert bench.noun == "network"
    assert bench.asked("login") == [{"password": PASSWORD}]


def test_a_wrong_password_is_said_beside_its_field() -> None:
    bench = Bench("joined").started().keys("1", "wrong", "enter")

    assert bench.noun == "login"
    assert "is not the administrator's password" in bench.words()
    assert "[wrong" not in bench.text()


def test_a_locked_login_says_for_how_long() -> None:
    bench = Bench("locked").started().keys("1", PASSWORD, "enter")

    assert "the login is closed for 90 s more" in bench.words()


@pytest.mark.parametrize(("keys", "noun"), [(("1",), "network"), (("9", "6"), "password")])
def test_recovery_opens_the_ways_back_without_a_login(keys: tuple[str, ...], noun: str) -> None:
    assert Bench("recovery").started().keys(*keys).noun == noun


@pytest.mark.parametrize("key", ["2", "3", "8", "0", "a"])
def test_and_nothing_else(key: str) -> None:
    assert Bench("recovery").started().keys(key).noun == "login"


@pytest.mark.parametrize("key", ["1", "2", "9", "0", "a"])
def test_a_password_that_is_missing_is_set_before_anything_else(key: str) -> None:
    bench = Bench("no password").started().keys(key)
    assert bench.noun == "password"
    assert bench.asked("settings") == []

    bench.keys("n3w-secret", "tab", "n3w-secret", "tab", "tab", "enter", "enter")

    assert bench.asked("node-set") == [{"settings": {"node.admin_password": "n3w-secret"}}]
    assert "It is in force." in bench.words()
    wanted = {"1": "network", "2": "node", "9": "recovery", "0": "power", "a": "advanced"}[key]
    assert bench.keys("enter", PASSWORD, "enter").noun == wanted


def test_the_keymap_is_chosen_before_the_password_that_is_typed_by_it() -> None:
    bench = Bench("no password").started().keys("1", "zy")
    assert "[ Keyboard ]" in bench.text()
    bench.keys(*["tab"] * 5, "enter")
    assert bench.noun == "display"
    assert bench.keys("tab", "ae").cursor() is not None
    bench.keys("shift tab", "de-latin1", *["tab"] * 3, "enter", "enter")

    assert bench.asked("node-set") == [{"settings": {"node.keyboard": "de-latin1"}}]
    assert bench.asked("settings") == bench.asked("editing") == []
    assert bench.keys("enter").noun == "password"


def test_home_leads_there_too() -> None:
    assert Bench("no password").started().keys("b").noun == "display"
    assert Bench("recovery").started().keys("b").noun == "display"


@pytest.mark.parametrize(("keys", "noun"), [(("1",), "network"), (("9",), "recovery")])
def test_recovery_needs_no_first_password_either(keys: tuple[str, ...], noun: str) -> None:
    access = {"claim": "claimed", "wants_password": True, "recovery": True}
    bench = Bench("no password", {"access": access})
    assert bench.started().keys(*keys).noun == noun
    assert bench.keys("esc", "2").noun == "password"


def test_what_apply_wants_a_login_for_brings_the_login() -> None:
    """Where this program believed that there is none to be asked for."""
    needs = RefusedByPeer("this needs the password of the node administrator", code="login")
    bench = Bench("recovery", {"certificate.reset": needs}).started().keys("9", "4", "enter")

    assert bench.noun == "login"
    assert bench.keys(PASSWORD, "enter").noun == "recovery"


def test_help_needs_no_login() -> None:
    assert Bench("joined").started().keys("f1").noun == "help"


def test_ten_minutes_without_a_key_end_the_login() -> None:
    bench = Bench("joined").opened("2")
    bench.passed(599)
    assert bench.noun == "node"

    bench.passed(2)

    assert bench.noun == "home"
    assert len(bench.asked("logout")) == 1
    assert bench.keys("2").noun == "login"


def test_f10_locks_at_once() -> None:
    bench = Bench("joined").opened("2").keys("f10")

    assert (bench.noun, len(bench.asked("logout"))) == ("home", 1)


def test_a_login_is_not_kept_alive_by_looking() -> None:
    bench = Bench("joined").opened("2")
    before = len(bench.asked("access"))

    for _ in range(10):
        bench.passed(50)

    assert len(bench.asked("access")) == before


def test_a_login_that_ended_is_wanted_again_and_what_was_typed_stays() -> None:
    bench = Bench("joined", {"node-set": RefusedByPeer("log in first", code="login")})
    bench.opened("2").keys("x")
    bench.apply.logged_in = False
    bench.keys(*["tab"] * 6, "enter", "enter")
    assert bench.noun == "login"

    bench.keys(PASSWORD, "enter")

    assert bench.noun == "node"
    assert "[node-1x" in bench.text()


def test_a_console_that_is_off_shows_the_status_only() -> None:
    bench = Bench("console off").started().keys("1", "enter")

    assert bench.noun == "home"
    assert "node.console is off" in bench.words()


def test_it_opens_the_form_by_itself_once_and_never_again() -> None:
    bench = Bench("no dhcp").passed(1)
    assert bench.noun == "network"

    bench.keys("esc")
    bench.passed(30)

    assert bench.noun == "home"


def test_nobody_who_is_at_the_keys_is_taken_elsewhere() -> None:
    assert Bench("no dhcp").started().passed(5).noun == "home"


def test_the_code_is_on_home_only_where_nobody_records_the_screen() -> None:
    assert "K7QF-2M9T" in Bench().started().text()

    bench = Bench()
    bench.desk.source = At(bench.situation, bench.clock, is_private=False)
    assert "K7QF-2M9T" not in bench.started().text()
    assert bench.asked("code") == []
    assert "K7QF-2M9T" in bench.keys("5").text()


def test_a_claimed_node_shows_no_code() -> None:
    assert "K7QF-2M9T" not in Bench("joined").started().text()


def test_while_something_is_waited_for_it_says_for_how_long_and_what_to_do() -> None:
    bench = Bench().opened("9")
    bench.holds = True
    bench.keys("5", "enter")
    bench.clock.pass_s(5)
    assert "For 5 s, usually up to 15 s." in bench.words()

    bench.clock.pass_s(30)
    assert "This takes longer than usual" in bench.words()
    assert bench.keys("1", "enter").asked("network-set") == []


def test_what_is_left_goes_on_and_its_answer_disturbs_nobody() -> None:
    bench = Bench().opened("9")
    bench.holds = True
    bench.keys("5", "enter", "esc")
    assert "Ways back" in bench.text()
    bench.holds = False

    bench.settled()

    assert "runs anew" not in bench.words()
    assert len(bench.asked("restart")) == 1


def test_keys_typed_while_a_form_loads_are_not_lost() -> None:
    bench = Bench().started()
    bench.holds = True
    bench.keys("2", "x")
    bench.holds = False
    bench.settled()

    assert "[node-1x" in bench.text()


def test_an_absent_service_is_said_on_home_and_asked_again() -> None:
    bench = Bench(answers={"access": GONE}).started()
    assert "bandstand-apply does not answer" in bench.words()
    before = len(bench.asked("access"))

    bench.passed(16)

    assert len(bench.asked("access")) == before + 1


def test_an_absent_service_leaves_what_was_typed() -> None:
    bench = Bench(answers={"node-set": GONE}).opened("2")
    bench.keys("x", *["tab"] * 6, "enter", "enter")
    assert "What was in force stays in force" in bench.words()

    assert "[node-1x" in bench.keys("enter").text()


def test_a_silent_seed_is_not_blamed_on_the_service() -> None:
    """What apply says of somebody else is an answer: nobody is logged out by it."""
    said = NotReachable("no seed answers: nobody answers on 192.0.2.9:13000", hint="look there")
    bench = Bench("joined", {"power": said}).opened("0", "enter", "tab", "enter")
    words = bench.words()
    assert "no seed answers" in words
    assert "What was in force stays" not in words
    assert "bandstand-apply" not in words

    bench.keys("enter", "esc")

    assert "does not answer" not in bench.words()
    assert bench.keys("2").noun == "node"


def test_a_service_that_hung_up_ended_the_login() -> None:
    bench = Bench("joined", {"power": GONE}).opened("0", "enter", "tab", "enter")
    assert "What was in force stays" in bench.words()
    bench.apply.logged_in = False
    bench.settled()

    assert bench.keys("enter", "esc", "2").noun == "login"


@pytest.mark.parametrize(
    "odd", [{}, {"claim": 7, "shell": [], "may": "all", "locked_for_s": "x"}, {"claim": "?"}]
)
def test_nonsense_of_the_service_opens_nothing_and_breaks_nothing(odd: dict[str, object]) -> None:
    bench = Bench(answers={"access": odd, "settings": odd, "code": odd}).started()

    for key in "1234567890ab":
        bench.keys("esc", "esc", "esc", key, "enter", "1")
        assert len(bench.lines()) == 24


def test_what_others_edit_can_be_taken_over() -> None:
    told = NotNow("bandstand-console (pid 812, on ttyS0) has this form open", code="editing")
    bench = Bench(answers={"editing": told}).opened("1")
    assert "pid 812, on ttyS0" in bench.words()
    bench.keys("right", "enter")

    assert bench.asked("editing")[-1] == {"form": "network", "take_over": True}


def test_or_left_to_them() -> None:
    told = NotNow("bandstand-console (pid 812, on ttyS0) has this form open", code="editing")

    assert Bench(answers={"editing": told}).opened("1").keys("enter").noun == "home"


DONE = {"form": "network", "done": True}
_CHANGED = ("right", "tab", "192.0.2.77/24", "tab", "tab", "192.0.2.1", "tab", "192.0.2.53")
_TRIED = (*_CHANGED, "tab", "tab", "tab", "tab", "enter", "enter")


@pytest.mark.parametrize(
    "keys",
    [
        ("esc",),
        ("shift tab", "enter"),
        (*_CHANGED, "esc", "right", "enter"),
        _TRIED,
        (*_TRIED, "enter"),
        (*_TRIED, "2"),
    ],
    ids=["Esc", "the button Back", "what was typed dropped", "tried", "kept", "put back"],
)
def test_a_form_that_is_left_is_let_go_whatever_the_way(keys: tuple[str, ...]) -> None:
    bench = Bench().opened("1")
    assert DONE not in bench.asked("editing")

    bench.keys(*keys)

    assert bench.asked("editing")[1:] == [DONE]


@pytest.mark.parametrize("code", ["editing", "taken-over"])
def test_so_is_one_that_is_left_to_others(code: str) -> None:
    told = NotNow("root on pts/0 edits the form network", code=code)

    assert Bench(answers={"editing": told}).opened("1").keys("enter").asked("editing")[1:] == [DONE]


def test_so_are_all_of_them_when_the_login_ends() -> None:
    bench = Bench("joined").opened("1").keys("f1")

    bench.passed(601)

    assert bench.noun == "home"
    verbs = [verb for verb, _ in bench.apply.asked if verb in ("editing", "logout")]
    assert (verbs, bench.asked("editing")[1:]) == (["editing", "editing", "logout"], [DONE])


def test_help_above_a_form_lets_go_of_nothing() -> None:
    bench = Bench().opened("1").keys("f1", "esc")

    assert (bench.noun, len(bench.asked("editing"))) == ("network", 1)


def test_a_second_console_opens_it_then_without_a_question(tmp_path: Path) -> None:
    host = Host(Files(tmp_path), FakeRun(), FakeClock())
    first, second = (_editing_for_real(host, process) for process in (11, 22))
    _ = first.opened("1")
    assert "root on process 11 edits the form" in second.opened("1").words()
    _ = second.keys("enter")

    _ = first.keys("esc")

    assert "edits the form" not in second.keys("1").words()


def test_two_that_opened_by_themselves_are_nobodys_until_somebody_types(tmp_path: Path) -> None:
    host = Host(Files(tmp_path), FakeRun(), FakeClock())
    screen, line = (_editing_for_real(host, process, "no dhcp") for process in (11, 22))
    assert (screen.passed(1).noun, line.passed(1).noun) == ("network", "network")

    _ = line.keys("right")

    assert "edits the form" not in line.words()
    assert "root on process 22 edits the form" in screen.keys("right").words()


@pytest.mark.parametrize("key", ["1", "2"])
def test_who_takes_a_form_over_sees_what_is_in_force_by_then(tmp_path: Path, key: str) -> None:
    host = Host(Files(tmp_path), FakeRun(), FakeClock())
    old = {"node.name": "old-name", "node.ssh": "True", "network.domain": "old.example.com"}
    new = {"node.name": "new-name", "network.domain": "new.example.com"}
    told = {"settings": {**SETTINGS, "accepted": old}}
    first, second = (_editing_for_real(host, process, answers=told) for process in (11, 22))
    _ = first.opened(key)
    assert "sees what is in force by then" in second.opened(key).words()
    for bench in (first, second):
        bench.apply.situation = replace(
            bench.situation, answers={"settings": {**SETTINGS, "accepted": new}}
        )

    _ = second.keys("right", "enter")

    words = second.words()
    assert "root on process 11" not in words
    assert ("[new" in words, "old" in words) == (True, False)
    screen = second.desk.top
    assert isinstance(screen, FormScreen)
    assert screen.form.texts.get("node.ssh", "") == ""
    assert second.keys("esc").noun == "home"


def test_what_was_typed_of_a_secret_goes_too() -> None:
    taken = NotNow("the form was taken over by root on pts/0", code="taken-over")
    bench = Bench(answers={"node-set": taken}).opened("2")
    _ = bench.keys("tab", "s3cret-word", "tab", "s3cret-word", *["tab"] * 4, "enter", "enter")

    _ = bench.keys("right", "enter")

    assert isinstance(bench.desk.top, FormScreen)
    texts = bench.desk.top.form.texts
    assert (texts["node.admin_password"], texts["again"]) == ("", "")


def test_a_login_that_began_again_above_a_form_holds_it_again(tmp_path: Path) -> None:
    """bandstand-apply started anew meanwhile, so that another process has the connection."""
    host = Host(Files(tmp_path), FakeRun(), FakeClock())
    bench = _editing_for_real(host, 11, "joined").opened("2").keys("x")
    _started_anew(host, bench, 12)
    bench.keys(*["tab"] * 6, "enter", "enter")
    assert bench.noun == "login"

    _ = bench.keys(PASSWORD, "enter")

    assert "[node-1x" in bench.text()
    other = _editing_for_real(host, 22, "joined").opened("2")
    assert "root on process 12 edits the form node" in other.words()


def test_or_says_who_has_it_by_then(tmp_path: Path) -> None:
    host = Host(Files(tmp_path), FakeRun(), FakeClock())
    bench = _editing_for_real(host, 11, "joined").opened("2")
    _started_anew(host, bench, 12)
    _ = _editing_for_real(host, 22, "joined").opened("2")
    bench.keys("x", *["tab"] * 6, "enter", "enter")

    assert "root on process 22 edits the form" in bench.keys(PASSWORD, "enter").words()


def test_a_login_that_is_left_asks_for_nothing() -> None:
    needs = RefusedByPeer("log in first", code="login")
    bench = Bench("joined", {"node-set": needs}).opened("2").keys("x")
    bench.apply.logged_in = False
    bench.keys(*["tab"] * 6, "enter", "enter")
    asked = len(bench.asked("editing"))

    assert bench.keys("esc").noun == "node"
    assert len(bench.asked("editing")) == asked


def _editing_for_real(
    host: Host, process: int, situation: str = "fresh", answers: Mapping[str, Result] | None = None
) -> Bench:
    """A console whose connection has a process of its own, as bandstand-apply gives it."""
    _alive(host, process)
    bench = Bench(situation, answers)
    bench.apply = Editing(bench.apply, host, process)
    bench.queue.asker = bench.apply
    return bench


def _alive(host: Host, process: int) -> None:
    stat = f"{process} (apply) S {' '.join('0' * 18)} 1 0"
    _ = host.files.write(f"/proc/{process}/stat", stat)


def _started_anew(host: Host, bench: Bench, process: int) -> None:
    """The connection's process is another one, and nobody is logged in there."""
    apply = bench.apply
    assert isinstance(apply, Editing)
    _ = host.files.remove(f"/proc/{apply.process}/stat")
    _alive(host, process)
    apply.process, apply.logged_in = process, False
    apply.wants_login = True


class Editing(Recorded):
    """A recorded service that holds forms as the real one does."""

    def __init__(self, recorded: Recorded, host: Host, process: int) -> None:
        super().__init__(recorded.situation, recorded.clock)
        self._host, self.process = host, process
        self.wants_login = False

    def ask(
        self, verb: str, args: Mapping[str, Any], *, on_step: Callable[[dict[str, Any]], None]
    ) -> dict[str, Any]:
        if verb == "node-set" and self.wants_login and not self.logged_in:
            raise RefusedByPeer("log in first", code="login")
        if verb != "editing":
            return super().ask(verb, args, on_step=on_step)
        return edit(self._host, args, Peer(self.process, 0, 0), process=self.process)


def test_a_paste_means_no_menu() -> None:
    bench = Bench().started()

    bench.desk.press(Press(text="9" * 400))

    assert bench.noun == "home"


def test_keys_typed_fast_open_a_menu_and_go_on_in_what_it_opened() -> None:
    bench = Bench().started()

    bench.desk.press(Press(text="31"))

    assert bench.settled().noun == "certificate.install"


_KEYS = sorted(NAMED - {"f5"})
_TEXTS = ("0", "1", "9", "a", " ", "-", "node-1", "192.0.2.9/24", "\u200b\x1b[2J", "\u20ac\ud800\n")


@pytest.mark.parametrize("name", NAMES)
def test_no_keys_in_any_order_break_it(name: str) -> None:
    """The same ones each time; whatever opens, it is drawn whole."""
    random, bench = Random(7), Bench(name).started()
    for _ in range(80):
        is_key = random.random() < 0.7
        bench.desk.press(
            Press(random.choice(_KEYS)) if is_key else Press("", random.choice(_TEXTS))
        )
        _ = bench.passed(random.choice((0, 0, 1, 20)))
        size = random.choice(((80, 24), (160, 50), (40, 10)))
        assert [len(line) for line in bench.lines(size)] == [size[0]] * size[1]
