"""Answers in a file, YAML or JSON, keys flat (`network.address: …`) or nested by class."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from agent.errors import Fault, InputRefused
from agent.properties import mount
from agent.system.host import Host
from agent.typed import Any

NAMES = ("/etc/bandstand/answers.yaml", "/etc/bandstand/answers.json")
SETTING = "answers"
# The longest value is 64 KiB, and YAML is read slowly.
LARGEST_BYTES = 256 << 10

# The names that a medium of our label has at its top.
_ON_MEDIUM = ("answers.yaml", "answers.json")
_TOO_DEEP = "is nested too deep"
# What PyYAML says of these repeats a piece of the text, which may be of a secret.
_TELLING = ("found undefined alias", "found duplicate anchor", "found undefined tag handle")


def on_medium(host: Host) -> tuple[str, bytes] | None:
    """The answers file at the top of what is mounted; OSError where it cannot be read."""
    path = mount.find(host, *_ON_MEDIUM)
    if path is None:
        return None
    data = host.files.read_foreign(path, largest_bytes=LARGEST_BYTES)
    return None if data is None else (path.rpartition("/")[2].lower(), data)


def decode(data: bytes, name: str) -> str:
    """UTF-8, or UTF-16 where a byte order mark says so, as Windows writes it."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _refused(name, "is not in UTF-8") from error


def parse(text: str, name: str) -> dict[str, str]:
    """Every answer by its full key, as text; `name` tells the format and is named in faults."""
    if len(text) > LARGEST_BYTES:
        raise _refused(name, f"is larger than {LARGEST_BYTES} bytes")
    try:
        document = _json(text) if name.endswith(".json") else _yaml(text)
    except (ValueError, RecursionError) as error:
        problem = _TOO_DEEP if isinstance(error, RecursionError) else str(error)
        raise _refused(name, problem) from error
    if document is None or document == "":
        return {}
    if not isinstance(document, dict):
        raise _refused(name, "does not hold keys with values")
    return _flat(name, document)  # pyright: ignore[reportUnknownArgumentType] - YAML and JSON


def _json(text: str) -> Any:
    try:
        # Numbers stay the text that was written, however long.
        return json.loads(text, object_pairs_hook=_once, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"is not JSON ({place}: {error.msg})") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The last of two would win in silence."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"gives {_shown(key)} twice")
        found[key] = value
    return found


def _yaml(text: str) -> Any:
    # Only a node that has such a file pays for it.
    import yaml

    from agent.properties.plain_yaml import Plain

    try:
        # Its loader leaves every value the text that was written: no `on` becomes a truth.
        return yaml.load(text, Loader=Plain)  # noqa: S506 - it makes no objects
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ValueError(f"is not YAML ({place}{_said(error.problem)})") from error
    except yaml.YAMLError as error:
        raise ValueError("is not YAML") from error


def _said(problem: str | None) -> str:
    problem = problem or "not understood"
    return next((short for short in _TELLING if problem.startswith(short)), problem)


def _flat(name: str, document: Mapping[Any, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, text in _pairs(name, document):
        if key in found:
            raise _refused(name, f"gives {_shown(key)} twice")
        found[key] = text
    return found


def _pairs(name: str, document: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    for key, value in document.items():
        if not isinstance(value, dict):
            yield str(key), _text(name, str(key), value)
            continue
        for inner, text in value.items():  # pyright: ignore[reportUnknownVariableType]
            full = f"{key}.{inner}"
            yield full, _text(name, full, text)


def _text(name: str, key: str, value: Any) -> str:
    if isinstance(value, list):
        # Every list of ours may stand a line each.
        return "\n".join(_item(name, key, item) for item in value)  # pyright: ignore[reportUnknownVariableType]
    return _item(name, key, value)


def _item(name: str, key: str, value: Any) -> str:
    if isinstance(value, dict):
        raise _refused(name, f"has keys below {_shown(key)}; a key is class.name")
    if isinstance(value, list):
        raise _refused(name, f"has a list in a list below {_shown(key)}")
    return "" if value is None else str(value)


def _shown(key: str) -> str:
    short = key if len(key) <= 60 else f"{key[:60]}…"
    return short if short.isprintable() else ascii(short)


def _refused(name: str, problem: str) -> InputRefused:
    return InputRefused((Fault(SETTING, f"the answers file {name} {problem}", code="answers"),))
