"""A status in words: what is said of each situation, and that nothing in it steers a terminal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.status import words
from agent.status.words import Row, Tone

NOW = datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "row"),
    [
        ({}, Row("State", "not known yet", Tone.BUSY)),
        ({"state": "ready"}, Row("State", "ready", Tone.GOOD)),
        (
            {"state": "degraded", "faults": [{"code": "x"}]},
            Row("State", "degraded, 1 problem", Tone.BAD),
        ),
        ({"state": "fault", "faults": []}, Row("State", "fault, 0 problems", Tone.BAD)),
        (
            {"state": "waiting", "step": "network.address", "since": "2026-11-21T10:00:00Z"},
            Row("State", "waiting: network.address, for 30 s", Tone.BUSY),
        ),
        ({"state": "working", "phase": "tls"}, Row("State", "working: tls", Tone.BUSY)),
        ({"state": "odd"}, Row("State", "odd", Tone.PLAIN)),
    ],
)
def test_the_state_is_a_word(status: dict[str, Any], row: Row) -> None:
    assert words.state(status, NOW) == row


def test_a_trial_says_how_to_keep_it_and_how_it_ended() -> None:
    tried = {
        "state": "waiting",
        "since": "2026-11-21T10:00:00Z",
        "within_s": 60,
        "settings": {"network.address": "192.0.2.20/24"},
        "faults": [{"message": "the gateway does not answer"}],
    }
    assert words.trial(tried, NOW) == (
        Row("Trial", "network.address=192.0.2.20/24", Tone.BUSY),
        Row("", "taken back in 30 s; bandstand network confirm keeps it", Tone.BUSY),
        Row("", "the gateway does not answer", Tone.BAD),
    )
    ended = {"state": "taken-back", "since": tried["since"], "because": "it was undone"}
    (row,) = words.trial(ended, NOW)
    assert row.text == "of the network, taken back: it was undone, 30 s ago"
    assert words.trial({"state": "kept"}, NOW) == words.trial({}, NOW) == ()


def test_the_page_is_offered_only_once_it_answers() -> None:
    status = {"url": "https://192.0.2.1/cluster", "url_since": "2026-11-21T10:00:18Z"}

    waiting = words.url(status, NOW)
    open_this = words.url({**status, "url_answers": True}, NOW)

    assert waiting == Row(
        "Web page",
        "not yet: waiting for https://192.0.2.1/cluster to answer, for 12 s",
        Tone.BUSY,
    )
    assert open_this == Row("Open this", "https://192.0.2.1/cluster", Tone.GOOD)
    assert words.url({**status, "url_answers": "yes"}, NOW).label == "Web page"
    assert words.url({}, NOW).text == "not yet: no address"


def test_the_fingerprint_is_whole_and_in_groups() -> None:
    digest = "0123456789abcdef" * 4

    rows = words.certificate({"sha256": digest, "source": "given", "names": ["a.example"]})

    shown = " ".join(row.text for row in rows[:2]).replace("SHA-256", "")
    assert shown.split() == ["0123", "4567", "89AB", "CDEF"] * 4
    assert rows[2].text == "given, for a.example"
    assert words.certificate({})[0].text == "none yet"


def test_an_end_that_is_near_stands_out() -> None:
    found = {"sha256": "ab" * 32, "source": "given", "not_after": "2026-12-01T00:00:00Z"}

    assert words.certificate(found)[2] == Row("", "given, until 2026-12-01")
    near = words.certificate({**found, "days_left": 9})[2]
    assert near == Row("", "given, until 2026-12-01, 9 days left", Tone.BAD)
    assert words.certificate({**found, "days_left": "9"})[2].tone is Tone.PLAIN


def test_notices_stand_below_each_other() -> None:
    assert words.notices({"notices": ["one", 2, "\x1b[2Jtwo"]}) == (
        Row("Notices", "one"),
        Row("", "[2Jtwo"),
    )
    assert words.notices({"notices": "one"}) == words.notices({}) == ()


def test_each_address_is_told_with_its_source_and_the_link() -> None:
    network = {
        "interface": "ens32",
        "mode": "dhcp",
        "addresses": ["192.0.2.21/24", "2001:db8::1/64"],
        "address_sources": {"192.0.2.21/24": "dhcp", "2001:db8::1/64": "ra"},
        "gateway": "192.0.2.1",
        "dns": ["192.0.2.53"],
        "link": "up",
    }

    rows = words.node({"network": network}, NOW)

    assert [(row.label, row.text) for row in rows[1:5]] == [
        ("Address", "ens32  192.0.2.21/24  DHCP, link up"),
        ("", "ens32  2001:db8::1/64  router, link up"),
        ("Gateway", "192.0.2.1"),
        ("DNS", "192.0.2.53"),
    ]


def test_no_address_says_what_is_missing() -> None:
    network: dict[str, Any] = {
        "interface": "ens32",
        "mode": "dhcp",
        "addresses": [],
        "link": "down",
    }

    assert words.node({"network": network}, NOW)[1] == Row(
        "Address", "ens32  no lease yet  link down", Tone.BAD
    )


def test_members_are_listed_and_the_silent_ones_named() -> None:
    members = [
        {"name": "node-1", "address": "192.0.2.1", "state": "active", "last_seen_s": 1},
        {"name": "node-2", "address": "192.0.2.2", "state": "active", "last_seen_s": 190},
    ]
    status = {
        "cluster": {"state": "member", "name": "production", "members": members},
        "safe_to_restart": {"yes": False, "because": "no other member serves"},
    }

    assert words.cluster(status) == (
        Row("Cluster", "member of production", Tone.GOOD),
        Row("Members", "node-1  192.0.2.1  active", Tone.GOOD),
        Row("", "node-2  192.0.2.2  active  last heard of 3 min ago", Tone.BUSY),
        Row("Restart now", "safe: no, no other member serves", Tone.BUSY),
    )


def test_each_fault_comes_with_its_hint_and_what_was_taken_instead() -> None:
    status: dict[str, Any] = {
        "faults": [{"setting": "tls.key", "message": "does not match", "hint": "give the other"}],
        "fallbacks": [{"category": "tls", "took": "a self-signed certificate"}],
    }

    status["changed_properties"] = [
        {"setting": "node.name", "value": "n2\x1b[2J", "applied": False},
        {"setting": "network.dns", "value": "192.0.2.1", "applied": True},
    ]
    *rows, changed, applied = words.faults(status)
    assert changed == Row("node.name", "changed in the environment to n2 [2J, not applied")
    assert applied == Row("network.dns", "changed in the environment to 192.0.2.1, applied")
    assert tuple(rows) == (
        Row("tls.key", "does not match", Tone.BAD),
        Row("", "what to do: give the other"),
        Row("tls", "instead of what was asked: a self-signed certificate"),
    )


def test_steps_say_their_state_as_a_word() -> None:
    steps = [
        {"name": "network.link", "state": "done", "seconds": 0.21},
        {"name": "tls.pair", "state": "failed", "seconds": 0},
        {"name": "serving.nginx", "state": "running"},
    ]

    assert [(row.label, row.text) for row in words.steps({"steps": steps})] == [
        ("[  done  ]", "network.link  0.2 s"),
        ("[ FAILED ]", "tls.pair"),
        ("[running ]", "serving.nginx"),
    ]
    joining = {"steps": steps[:1], "cluster": {"steps": [{"name": "join.hello", "state": "done"}]}}
    assert [row.text for row in words.steps(joining)] == ["network.link  0.2 s", "join.hello"]


LOST = {"name": "network.lease", "state": "failed"}
SILENT = {"setting": "network.gateway"}


@pytest.mark.parametrize(
    ("faults", "changed", "label"),
    [
        ([], [], "[  over  ]"),
        ([{"setting": "tls.key"}], [], "[  over  ]"),
        ([SILENT], [], "[ FAILED ]"),
        ([SILENT], [{"name": "network.handover", "state": "done"}], "[  over  ]"),
        ([SILENT], [{"name": "network.handover", "state": "undone"}], "[ FAILED ]"),
        ([SILENT], [{"name": "tls.pair", "state": "done"}], "[ FAILED ]"),
    ],
)
def test_a_failure_of_first_boot_that_is_mended_is_over(
    faults: list[dict[str, str]], changed: list[dict[str, str]], label: str
) -> None:
    told = {"steps": [LOST], "faults": faults, "change": {"steps": changed}}

    assert words.steps({**told, "phase": "ready"})[0].label == label
    assert words.steps({**told, "phase": "network"})[0].label == "[ FAILED ]"


def test_the_last_change_stands_in_place_of_a_first_boot_that_ended() -> None:
    told = {"steps": [LOST], "change": {"steps": [{"name": "tls.pair", "state": "done"}]}}

    for phase, names in (("ready", ["tls.pair"]), ("network", ["network.lease", "tls.pair"])):
        steps = words.latest_steps({**told, "phase": phase})
        assert [step["name"] for step in steps] == names


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("a\x1b[2Jb", "a [2Jb"),
        ("a\nb\tc\rd", "a b c d"),
        ("a\x9b31mb", "a 31mb"),
        ("user\u202egnp", "user gnp"),
        ("a\u2028b", "a b"),
        ("a\ud800b", "a b"),
        ("\x07\x00", ""),
        (None, ""),
        ({"x": 1}, ""),
        (7, "7"),
    ],
)
def test_text_cannot_steer_a_terminal(hostile: object, harmless: str) -> None:
    assert words.clean(hostile) == harmless


def test_text_is_not_endless() -> None:
    assert len(words.clean("x" * 100_000)) == 400


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (200_000, "2 days"), (-5, "0 s")],
)
def test_lengths_of_time_are_said_as_people_do(seconds: float, said: str) -> None:
    assert words.ago(seconds) == said


@pytest.mark.parametrize("wrong", [None, "", "yesterday", 7, [], "2026-13-01T00:00:00Z"])
def test_a_moment_that_is_none_is_left_out(wrong: object) -> None:
    assert words.seconds_since(wrong, NOW) is None


def test_a_restart_that_updates_need_is_shown_and_only_then() -> None:
    def rows(needed: dict[str, Any]) -> list[str]:
        found = words.node({"restart_needed": needed}, NOW)
        return [row.text for row in found if row.label == "Restart"]

    assert rows({"yes": True, "because": "libc6"}) == ["needed by the updates of libc6"]
    assert rows({"yes": True, "because": ""}) == ["needed by updates"]
    assert rows({"yes": False, "because": "libc6"}) == []


@pytest.mark.parametrize(
    ("time", "said", "tone"),
    [
        ({"state": "synchronised", "source": "ntp1"}, "synchronised with ntp1", Tone.PLAIN),
        ({"state": "synchronised", "source": ""}, "synchronised", Tone.PLAIN),
        ({"state": "not-synchronised", "source": ""}, "not synchronised yet", Tone.BUSY),
        ({"state": "silent"}, "not known: chrony does not answer", Tone.BUSY),
        ({"state": "\x1b[2J"}, "not synchronised yet", Tone.BUSY),
        ({"state": "synchronised", "source": "a\x1b[2J"}, "synchronised with a [2J", Tone.PLAIN),
    ],
)
def test_whom_the_clock_follows_is_a_word(time: dict[str, str], said: str, tone: Tone) -> None:
    assert [row for row in words.node({"time": time}, NOW) if row.label == "Time"] == [
        Row("Time", said, tone)
    ]


def test_before_anybody_asked_nothing_is_said_of_it() -> None:
    assert not [row for row in words.node({}, NOW) if row.label == "Time"]


WRONG: list[Any] = [None, "text", 7, True, [], {}, [None, 7, "x", {}], {"x": []}]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(
    "key",
    [
        "node",
        "network",
        "certificate",
        "cluster",
        "faults",
        "steps",
        "state",
        "since",
        "url",
        "fallbacks",
        "safe_to_restart",
        "restart_needed",
        "time",
    ],
)
def test_whatever_stands_there_something_is_said(key: str, wrong: Any) -> None:
    status = {"state": "working", key: wrong}

    rows = (
        *words.node(status, NOW),
        *words.cluster(status),
        *words.faults(status),
        *words.steps(status),
    )

    assert all(isinstance(row.text, str) for row in rows)


def test_a_cluster_that_properties_make_is_told_from_one_that_is_joined() -> None:
    def said(state: str, setting: str = "") -> str:
        faults = [{"setting": setting}] if setting else []
        return words.cluster({"cluster": {"state": state}, "faults": faults})[0].text

    assert said("making") == "making the cluster"
    assert said("failed", "cluster.init") == "making the cluster failed"
    assert said("failed", "cluster.key") == "joining failed"


def test_other_cards_are_listed_as_left_alone() -> None:
    cards: list[dict[str, Any]] = [
        {"name": "enp19s0", "mac": "00:50:56:00:00:02", "driver": "vmxnet3", "link": "off"},
        {"name": "usb0", "mac": "00:50:56:00:00:03", "driver": "", "link": "off"},
    ]
    rows = words.node({"network": {"interface": "ens32", "other_cards": cards}}, NOW)
    at = next(number for number, row in enumerate(rows) if row.label == "Other cards")
    assert rows[at : at + 2] == (
        Row("Other cards", "enp19s0  00:50:56:00:00:02  (vmxnet3)  left alone"),
        Row("", "usb0  00:50:56:00:00:03  left alone"),
    )


def test_a_recovery_is_said_until_it_was_seen() -> None:
    at = (NOW - timedelta(hours=5)).isoformat()
    found = {"recovery": {"at": at, "verbs": ["network-set", "node-set"]}}
    rows = [row for row in words.node(found, NOW) if row.label == "Recovery"]
    assert [row.text for row in rows] == ["used 5 h ago, without a login: network-set, node-set"]
    assert words.recovery({"at": "", "verbs": "?"}, NOW)[0].text == (
        "used at an unknown time, without a login: nothing known"
    )
    assert words.recovery({}, NOW) == ()
