"""The other screens: what they ask, and what they say of the answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent.errors import Fault, InputRefused, NotNow, RefusedByPeer, Unanswered
from agent.system.clock import stamp
from agent.values import join_string
from agent.values.join_string import Seed
from firstboot.console.preview import At
from firstboot.console.screens import table
from tests.fakes.clock import FakeClock
from tests.fakes.console import NAMES, Bench
from tests.fakes.issuer import issue

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("keys", "verb", "args"),
    [
        (("3", "2", "enter"), "certificate.reset", {}),
        (("6",), "check", {}),
        (("8", "enter"), "support", {}),
        (("5", "1"), "code", {"new": True}),
        (("9", "2", "enter"), "network-undo", {}),
        (("9", "3", "enter"), "node-undo", {}),
        (("9", "4", "enter"), "certificate.reset", {}),
        (("9", "5", "enter"), "restart", {"unit": "bandstand-portal.service"}),
        (("9", "7", "node-1", "tab", "enter"), "factory-reset", {"name": "node-1"}),
        (("0", "1", "left", "enter"), "power", {"act": "restart"}),
        (("0", "2", "left", "enter"), "power", {"act": "off"}),
    ],
)
def test_each_deed_asks_its_verb(keys: tuple[str, ...], verb: str, args: dict[str, object]) -> None:
    assert Bench().opened(*keys).asked(verb)[-1] == args


@pytest.mark.parametrize("key", ["1", "2"])
def test_one_enter_too_many_restarts_nothing(key: str) -> None:
    bench = Bench().opened("0", key, "enter")

    assert bench.asked("power") == []


def test_power_says_what_it_means_for_the_cluster_first() -> None:
    assert "Restart now safe: yes, another member serves" in Bench("joined").opened("0").words()
    assert (
        "For the cluster this is safe: no, this node is joining"
        in Bench("joining").opened("0", "1").words()
    )


def test_dhcp_again_is_tried_like_any_other_change() -> None:
    bench = Bench().opened("9", "1", "enter")

    asked = bench.asked("network-set")[0]
    assert asked["attended"] is True
    assert {key: text for key, text in asked["settings"].items() if text} == {
        "network.mode": "dhcp"
    }
    assert bench.noun == "trial"


def test_what_is_undone_is_named_with_what_stays() -> None:
    said = {"settings": ["node.name", "node.ssh"], "notices": ["node.admin_password: stays"]}
    words = Bench(answers={"node-undo": said}).opened("9", "3", "enter").words()

    assert "As before the last change: node.name, node.ssh." in words
    assert "node.admin_password: stays" in words


def test_a_factory_reset_under_another_name_is_refused_in_words() -> None:
    wrong = InputRefused((Fault("name", "'x' is not the name of this node"),))
    bench = Bench(answers={"factory-reset": wrong}).opened("9", "7", "x", "tab", "enter")

    assert "'x' is not the name of this node" in bench.words()


def test_a_factory_reset_says_what_is_kept() -> None:
    bench = Bench().opened("9", "7", "node-1", "tab", "enter")

    assert "The logs in /var/log stay." in bench.words()


def test_the_note_on_a_recovery_is_put_away_where_there_is_one() -> None:
    assert Bench("recovery").opened("9", "8").asked("recovery-seen") == [{}]
    assert "Put the note away" not in Bench("joined").opened("9").words()


def test_checks_are_told_with_what_to_do() -> None:
    words = Bench().opened("6").words()

    assert "[ ok ] gateway: 192.0.2.1 answers" in words
    assert "[FAILED] resolvers: 192.0.2.54 does not answer" in words
    assert "what to do: ask who runs it" in words
    assert "[skipped] database: not joined" in words


def test_a_bundle_says_where_it_lies_and_what_is_in_it() -> None:
    words = Bench().opened("8", "enter").words((160, 50))

    assert "File /var/lib/bandstand/support/bandstand-support-2026-11-21T100000Z.tar.gz" in words
    assert "Size 80 KiB" in words
    assert "Contents contents.txt status.json" in words


def test_a_disk_without_room_is_said() -> None:
    full = NotNow("the disk has 3 MiB free; a bundle wants 80 MiB", hint="free some room")
    words = Bench(answers={"support": full}).opened("8", "enter").words()

    assert "the disk has 3 MiB free" in words
    assert "What to do: free some room" in words


def test_the_code_is_large_and_every_address_is_named() -> None:
    network = {"addresses": ["192.0.2.21/24", "2001:db8::21/64"], "link": "up"}
    words = Bench(network=network).opened("5").words()

    assert "█" in words
    assert "Set-up code K7QF-2M9T" in words
    assert "https://192.0.2.21/cluster https://[2001:db8::21]/cluster" in words


def test_no_address_is_offered_before_it_answers() -> None:
    words = Bench(url_answers=False).opened("5").words()

    assert "Open this" not in words
    assert "waiting for https://192.0.2.21/cluster to answer" in words


def test_a_claimed_node_has_no_code_any_more() -> None:
    assert "this node is claimed" in Bench("joined").opened("5").words()


def test_a_pasted_pair_is_judged_when_it_is_applied() -> None:
    pair, other = (issue(begins=NOW - DAY, ends=NOW + 90 * DAY) for _ in range(2))
    bench = Bench().opened("3", "1")
    bench.desk.fill({"tls.certificate": pair.pem, "tls.key": other.key_pem})
    bench.desk.push("apply")
    assert "Not applied: this is to be mended first" in bench.words()
    assert bench.settled().asked("certificate.install") == []

    bench.keys("enter")
    bench.desk.fill({"tls.key": pair.key_pem})
    bench.desk.push("apply")

    asked = bench.settled().asked("certificate.install")
    assert asked == [{"settings": {"tls.certificate": pair.pem, "tls.key": pair.key_pem}}]
    assert "The web pages are served with it." in bench.words()


def test_a_pasted_key_is_not_shown() -> None:
    pair = issue()
    bench = Bench().opened("3", "1")
    bench.desk.fill({"tls.key": pair.key_pem})

    assert "PRIVATE KEY" not in bench.text()
    assert pair.key_pem.splitlines()[1] not in bench.text()


def test_a_join_string_is_asked_for_and_never_shown() -> None:
    text = join_string.format(join_string.generate((Seed("192.0.2.1"),)))
    bench = Bench().opened("4", "1").keys(text, "tab", "tab", "enter")

    assert bench.asked("join") == [{"join": text}]
    assert "This node was let in." in bench.words()
    assert text not in bench.text()


def test_a_join_string_with_a_slip_is_said_while_it_is_typed() -> None:
    bench = Bench().opened("4", "1").keys("not-a-join-string", "tab")

    assert "accepted is a join string" in bench.words()
    assert bench.keys("tab", "enter").asked("join") == []


def test_a_member_is_not_offered_to_join() -> None:
    assert "Join a cluster" not in Bench("joined").opened("4").words()


def test_progress_says_what_is_usual_and_what_beyond() -> None:
    bench = Bench("waiting").opened("7")
    assert "network.address takes up to 30 s" in bench.words()
    assert "longer than usual" not in bench.words()

    bench.clock.pass_s(60)

    assert "longer than usual; it goes on" in bench.words()


def test_so_does_home() -> None:
    bench = Bench("waiting").started()
    assert "network.address, for 10 s, usually up to 30 s" in bench.words()

    bench.clock.pass_s(60)

    assert "for 70 s, longer than the usual 30 s" in bench.words()


def test_the_last_change_has_steps_of_its_own_and_first_boot_is_history() -> None:
    words = Bench("joined").opened("7").words((80, 50))
    assert "The last change" in words
    assert "Begun 15 min ago [skipped] network.handover" in words
    assert words.index("serving.nginx 0.9 s") < words.index("First boot, before that")
    assert words.index("First boot, before that") < words.index("tls.pair 0.3 s")
    assert "The last change" not in Bench().opened("7").words()


def test_a_lease_that_never_came_is_history_once_a_fixed_address_is_kept() -> None:
    kept = {"since": "", "steps": [{"name": "network.handover", "state": "done"}]}
    lost = [{"name": "network.lease", "state": "failed", "seconds": 30.0}]
    said = {"state": "ready", "faults": [], "steps": lost, "change": kept}
    home = Bench("no dhcp", None, **said).started()
    assert "network.lease" not in home.words((160, 50))
    assert "[ done ] network.handover" in home.words((160, 50))

    words = home.keys("7").words()

    assert "[FAILED]" not in words
    assert "First boot, before that" in words
    assert "[ over ] network.lease 30.0 s" in words


def test_a_lease_that_is_waited_for_has_failed_still() -> None:
    lost = [{"name": "network.lease", "state": "failed", "seconds": 30.0}]

    home = Bench("no dhcp", None, steps=lost).started()

    assert "[FAILED] network.lease" in home.words((160, 50))


def test_the_steps_of_a_join_are_among_them() -> None:
    for bench in (Bench("joining").opened("7"), Bench("joining").started()):
        assert "[FAILED] join.request 12.0 s" in bench.words((80, 50))


def test_a_step_is_late_by_its_own_start() -> None:
    """Not by when the join began, which may be tried for hours."""
    now = FakeClock().now()
    old, new = (stamp(now - timedelta(seconds=ago_s)) for ago_s in (7200, 2))
    running = {"name": "join.hello", "state": "running", "seconds": 0, "started": new}
    told = {"state": "joining", "steps": [running]}
    bench = Bench("joining", None, state="working", since=old, cluster=told).opened("7")
    assert "join.hello takes up to 60 s" in bench.words()
    assert "longer than usual" not in bench.words()


def test_an_open_shell_is_offered_and_can_be_closed() -> None:
    bench = Bench("shell open").opened("c")
    assert "Shell may be opened for 12 min more" in bench.words()

    assert bench.keys("2").asked("shell") == [{"open": False}]
    assert "The shell is closed." in bench.words()


def test_one_is_started_and_for_how_long_is_not_said_here() -> None:
    """By apply it is for the time that is left."""
    bench = Bench("shell open").opened("c", "1")

    assert bench.asked("shell") == [{"open": True}]
    assert "runs on terminal 2: Alt-F2 goes there, Alt-F1 comes back here." in bench.words()


def test_on_a_serial_line_it_says_where_a_shell_opens() -> None:
    bench = Bench("shell open")
    bench.desk.source = At(bench.situation, bench.clock, is_private=False)
    bench.opened("c")

    assert "on the machine's own screen only" in bench.words()
    assert "Start a shell" not in bench.text()
    assert bench.keys("1").asked("shell") == [{"open": False}]


def test_before_the_claim_it_says_that_none_opens_here() -> None:
    bench = Bench("degraded").opened("c")

    assert "not before the node is claimed" in bench.words()
    assert bench.keys("1").noun == "home"
    assert bench.asked("shell") == []


def test_a_window_that_closes_meanwhile_is_said_and_not_offered_any_more() -> None:
    bench = Bench("shell open").opened("c")
    bench.clock.pass_s(755)

    assert "Shell closed bandstand node shell on opens it for a while" in bench.words()
    assert "c Shell" not in bench.keys("1").text()


def test_where_no_shell_is_open_none_is_offered() -> None:
    assert Bench().opened("c").noun == "home"


@pytest.mark.parametrize("name", NAMES)
def test_home_keeps_all_that_is_wanted_of_it(name: str) -> None:
    words = Bench(name).started().words()

    assert "State" in words
    assert "Restart now" in words or name == "nothing yet"


@pytest.mark.parametrize("noun", sorted(table.SCREENS))
def test_every_screen_is_known_by_its_noun(noun: str) -> None:
    assert table.make(noun).noun == noun


@pytest.mark.parametrize(
    "error",
    [
        Unanswered("apply.sock said nothing for 180 seconds"),
        RefusedByPeer("the user may not ask for that", code="forbidden"),
        NotNow("another change is under way", hint="wait for it"),
    ],
)
@pytest.mark.parametrize(
    "keys", [("3", "2", "enter"), ("6",), ("8", "enter"), ("9", "2", "enter"), ("9", "3", "enter")]
)
def test_what_does_not_work_is_said_in_its_own_words(
    keys: tuple[str, ...], error: Unanswered | RefusedByPeer | NotNow
) -> None:
    verbs = ("certificate.reset", "check", "support", "network-undo", "node-undo")
    bench = Bench(answers=dict.fromkeys(verbs, error)).opened(*keys)

    assert "This did not work" in bench.words()
    assert error.message in bench.words()
