"""The verb publish: tell vSphere how this node stands, by `guestinfo.bandstand.*`.

Root does it: where a host takes these calls by its privileged channel alone, that channel begins
at a port below 1024 of the guest. What to tell is read here and not taken from who asks.

told -> the same again: nothing is written
     -> refused: kept in mind, and not tried again for an hour, whatever changes meanwhile
"""

from __future__ import annotations

import json

from agent.errors import CommandFailed
from agent.properties.guestinfo import is_possible
from agent.status import outside
from agent.status.merge import published
from agent.status.words import clean
from agent.system.clock import stamp
from agent.system.host import Host
from agent.typed import Any
from agent.values.json_object import object_of, parse, text_of

# What this boot told already, and whether it was refused: a host may have changed by the next.
MEMORY = "/run/bandstand/guestinfo.json"

_PREFIX = "guestinfo.bandstand."
_AGAIN_S = 3600
# Calls one behind the other were seen to hang on some hosts.
_LIMIT_S = 10.0


def publish(host: Host) -> dict[str, Any]:
    """Write the keys that changed, and `updated` last; says whether vSphere knows, or why not."""
    if not is_possible(host.files):
        return _result("there is no VMware device")
    memory = _recall(host)
    refused, again_s = text_of(memory.get("refused")), memory.get("again_s")
    if refused and isinstance(again_s, int | float) and host.clock.monotonic_s() < again_s:
        return _result(refused)
    told = {key: text_of(text) for key, text in object_of(memory.get("told")).items()}
    wanted = outside.texts(published(host.files))
    changed = {key: text for key, text in wanted.items() if told.get(key) != text}
    if changed:
        changed["updated"] = stamp(host.clock.now())
    refused = ""
    for key, text in changed.items():
        refused = _refusal(host, key, text)
        if refused:
            break
        told[key] = text
    if changed:
        _remember(host, told, refused)
    return _result(refused)


def _refusal(host: Host, key: str, text: str) -> str:
    """Why the host does not take it; blank where it does."""
    try:
        done = host.run(
            "vmtoolsd", "--cmd", f"info-set {_PREFIX}{key} {text}", check=False, timeout_s=_LIMIT_S
        )
    except CommandFailed as error:
        return clean(error.message)
    if done.ok:
        return ""
    return clean(done.stderr.strip() or done.stdout.strip()) or "the host does not answer"


def _recall(host: Host) -> dict[str, Any]:
    try:
        return parse(host.files.read(MEMORY) or "{}")
    except ValueError:
        return {}


def _remember(host: Host, told: dict[str, str], refused: str) -> None:
    memory: dict[str, Any] = {"told": told}
    if refused:
        memory |= {"refused": refused, "again_s": host.clock.monotonic_s() + _AGAIN_S}
    _ = host.files.write(MEMORY, json.dumps(memory) + "\n")


def _result(refused: str) -> dict[str, Any]:
    return {"told": not refused, "because": refused}
