"""What the screen says of bad input: some of the table of refusals, typed into the forms."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from agent.typed import Any
from firstboot.console.manual.pictures import on
from firstboot.console.screen import FormScreen
from firstboot.console.stage import Stage

TABLE = "tests/fixtures/refused.toml"

CHOSEN = (
    "a number of the address is too large",
    "the address has a leading zero",
    "the address is of version 6",
    "two addresses",
    "the prefix is too long",
    "the slash without a prefix",
    "the host is the broadcast address",
    "a loopback address",
    "an address without a mask",
    "a mask with a hole",
    "a mask other than the prefix",
    "static without a gateway",
    "the gateway is off the link",
    "the gateway is the node itself",
    "the gateway has a prefix",
    "one resolver of two is wrong",
    "a resolver by name",
    "a resolver on loopback",
    "a domain with an underscore",
    "an IPv6 address without its prefix",
    "an IPv6 gateway that is the node itself",
    "a node name with an umlaut",
    "a node name like an address",
    "a password that is too short",
    "a key without its type",
    "a private key in place of a public one",
)
# The form says which of the two it is, before an address is typed.
_STATIC = {"network.mode": "static", "network.ipv6": "static"}
_LONGEST = 40


def rows(root: Path) -> Iterable[tuple[str, ...]]:
    """For a table: label, what is typed, what the screen says."""
    found = tomllib.loads((root / TABLE).read_text(encoding="utf-8"))["case"]
    cases = {case["name"]: case for case in found}
    return tuple(_row(cases[name]) for name in CHOSEN)


def _row(case: Mapping[str, Any]) -> tuple[str, str, str]:
    key, stage = str(case["setting"]), on("fresh").started()
    _ = stage.keys("1" if key.startswith("network.") else "2")
    form = _typed(stage, {**_STATIC, **case["answers"]}).form
    return (form.find(key).label, _shown(case, key), form.faults[key])


def _typed(stage: Stage, texts: Mapping[str, str]) -> FormScreen:
    screen = stage.desk.top
    if not isinstance(screen, FormScreen):
        raise TypeError(f"{screen.noun} is no form")
    return screen.filled({key: str(text) for key, text in texts.items()}, stage.desk.world())


def _shown(case: Mapping[str, Any], key: str) -> str:
    """What is secret in a form is not shown here either."""
    text = str(case["answers"].get(key, "")).splitlines()
    if not text:
        return "(nothing)"
    if "quiet" in case:
        return f"({case['name']})"
    return f"`{text[0]}`" if len(text[0]) <= _LONGEST else f"`{text[0][:_LONGEST]}`…"
