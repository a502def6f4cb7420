"""The table of who may ask what: every situation of the console, and the users beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from agent.access.policy import (
    NO_ARGS,
    RULES,
    TYPED_BY,
    UNLOCKING,
    Caller,
    Need,
    Standing,
    judge,
    renews_login,
)

UNCLAIMED = Standing()
CLAIMED = Standing(claimed_by="cluster", has_password=True)
PASSWORDLESS = Standing(claimed_by="properties")
LOGGED_IN = CLAIMED._replace(is_logged_in=True)
RECOVERY = CLAIMED._replace(is_recovery=True)
OFF = CLAIMED._replace(is_console_off=True)
ALWAYS = {"access", "status"}
OPEN = ALWAYS | {"code", "login", "logout", "network-trial"}
INTERNAL = {"change", "publish"}
PASSWORD: Mapping[str, Any] = {"settings": {UNLOCKING: "correct horse"}}


def may(standing: Standing, args: Mapping[str, Any] = NO_ARGS) -> set[str]:
    return {
        verb for verb in RULES if judge("bandstand-console", verb, args, standing).refused is None
    }


def code(standing: Standing, verb: str, args: Mapping[str, Any] = NO_ARGS) -> str:
    refused = judge("bandstand-console", verb, args, standing).refused
    return "" if refused is None else refused.code


def test_every_verb_of_the_contract_has_its_rule() -> None:
    assert set(RULES) == OPEN | INTERNAL | {
        *("certificate.install", "certificate.renew", "certificate.reset"),
        *("network-set", "network-confirm", "network-undo", "restart", "secrets", "support"),
        *("shell", "recovery-seen", "settings", "node-set", "node-undo", "check", "firewall"),
        *("factory-reset", "editing", "join", "power"),
    }


def test_root_may_ask_for_all_whatever_stands() -> None:
    for standing in (UNCLAIMED, CLAIMED, OFF):
        assert all(judge("root", verb, NO_ARGS, standing).refused is None for verb in RULES)


@pytest.mark.parametrize(
    ("user", "may_ask"),
    [
        ("bandstand", ALWAYS | INTERNAL | {"certificate.renew"}),
        ("bandstand-portal", ALWAYS),
        ("nobody", set[str]()),
        ("4711", set[str]()),
    ],
)
def test_other_users_may_ask_for_little(user: str, may_ask: set[str]) -> None:
    standing = LOGGED_IN._replace(is_recovery=True)
    found = {verb for verb in RULES if judge(user, verb, PASSWORD, standing).refused is None}
    assert found == may_ask
    refused = judge(user, "node-set", PASSWORD, standing).refused
    assert refused is not None
    assert refused.code == "forbidden"
    assert refused.message == f"the user {user} may not ask for node-set"


def test_before_the_claim_all_but_a_shell() -> None:
    assert may(UNCLAIMED) == set(RULES) - INTERNAL - {"shell"}
    assert may(UNCLAIMED._replace(is_console_off=True)) == may(UNCLAIMED)
    assert code(UNCLAIMED, "shell") == "forbidden"


def test_afterwards_the_status_and_the_password_for_the_rest() -> None:
    assert may(CLAIMED) == OPEN
    assert may(CLAIMED, PASSWORD) == OPEN
    assert may(LOGGED_IN) == set(RULES) - INTERNAL
    assert code(CLAIMED, "network-set") == "login"
    assert code(CLAIMED, "change") == code(LOGGED_IN, "change") == "forbidden"


def test_a_console_that_is_off_shows_the_status() -> None:
    assert may(OFF) == may(OFF._replace(is_logged_in=True)) == ALWAYS
    assert may(PASSWORDLESS._replace(is_console_off=True), PASSWORD) == ALWAYS
    assert not PASSWORDLESS._replace(is_console_off=True).wants_password
    assert code(OFF, "login") == "forbidden"


def test_without_a_password_one_may_be_set_and_nothing_else() -> None:
    assert PASSWORDLESS.wants_password
    assert may(PASSWORDLESS) == OPEN
    assert may(PASSWORDLESS, PASSWORD) == OPEN | {"node-set"}
    assert code(PASSWORDLESS, "power") == "login"


@pytest.mark.parametrize(
    "args",
    [
        {},
        {"settings": {}},
        {"settings": {UNLOCKING: ""}},
        {"settings": {UNLOCKING: " NULL "}},
        {"settings": {UNLOCKING: None}},
        {"settings": {UNLOCKING: ["a"]}},
        {"settings": {UNLOCKING: "a", "node.console": "on"}},
        {"settings": {TYPED_BY: "us", "node.console": "on"}},
        {"settings": {TYPED_BY: "us", UNLOCKING: ""}},
        {"settings": {TYPED_BY: ["us"]}},
        {"settings": {"guestinfo.root_password": "a"}},
        {"settings": [UNLOCKING]},
        {"settings": UNLOCKING},
    ],
)
def test_only_a_new_password_alone_is_one(args: Mapping[str, Any]) -> None:
    assert code(PASSWORDLESS, "node-set", args) == "login"
    assert code(RECOVERY, "node-set", args) == "login"


KEYMAP: Mapping[str, Any] = {"settings": {TYPED_BY: "de-latin1"}}


def test_the_keymap_may_be_set_where_a_password_may() -> None:
    for standing in (PASSWORDLESS, RECOVERY):
        assert may(standing, KEYMAP) == may(standing, PASSWORD)
    for standing in (CLAIMED, OFF, PASSWORDLESS._replace(is_console_off=True)):
        assert "node-set" not in may(standing, KEYMAP)


def test_recovery_opens_the_network_a_password_and_the_reset() -> None:
    opened = {"network-set", "network-confirm", "network-undo", "factory-reset"}
    assert may(RECOVERY) == OPEN | opened | {"settings", "editing"}
    assert may(RECOVERY, PASSWORD) == may(RECOVERY) | {"node-set"}
    assert may(RECOVERY._replace(is_console_off=True)) == may(RECOVERY) - OPEN | ALWAYS
    assert code(RECOVERY, "shell") == "login"


def test_what_recovery_alone_allows_is_known() -> None:
    def by_recovery(standing: Standing, verb: str) -> bool:
        return judge("bandstand-console", verb, PASSWORD, standing).by_recovery

    assert by_recovery(RECOVERY, "network-set")
    assert by_recovery(RECOVERY, "node-set")
    assert not by_recovery(RECOVERY, "status")
    assert not by_recovery(RECOVERY._replace(is_logged_in=True), "network-set")
    assert not by_recovery(UNCLAIMED._replace(is_recovery=True), "network-set")


@pytest.mark.parametrize("standing", [CLAIMED, RECOVERY, PASSWORDLESS, OFF])
def test_to_let_go_of_a_form_needs_no_login(standing: Standing) -> None:
    done = {"form": "network", "done": True}
    assert judge("bandstand-console", "editing", done, standing).refused is None
    assert code(CLAIMED, "editing", {"form": "network", "done": 1}) == "login"
    assert code(CLAIMED, "network-set", done) == "login"
    assert judge("bandstand-portal", "editing", done, standing).refused is not None


def test_what_a_console_asks_by_itself_does_not_keep_it_open() -> None:
    assert {verb for verb in RULES if not renews_login(verb)} == OPEN | INTERNAL


def test_callers_are_the_users_of_the_package() -> None:
    assert set(Caller) == {"root", "bandstand", "bandstand-portal", "bandstand-console"}
    assert {RULES[verb].need for verb in INTERNAL} == {Need.NEVER}
