"""Answers in a file, YAML or JSON, keys flat (`network.address: …`) or nested by class."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from agent.errors import Fault, InputRefused

NAMES = ("/etc/bandstand/answers.yaml", "/etc/bandstand/answers.json")
SETTING = "answers"
LARGEST_BYTES = 1 << 20


def parse(text: str, name: str) -> dict[str, str]:
    """Every answer by its full key, as text; `name` tells the format and is named in faults."""
    if len(text) > LARGEST_BYTES:
        raise _refused(name, f"is larger than {LARGEST_BYTES} bytes")
    try:
        document = _json(text) if name.endswith(".json") else _yaml(text)
    except (ValueError, RecursionError) as error:
        problem = "is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise _refused(name, problem) from error
    if document is None or document == "":
        return {}
    if not isinstance(document, dict):
        raise _refused(name, "does not hold keys with values")
    return _flat(name, document)  # pyright: ignore[reportUnknownArgumentType] - YAML and JSON


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"is not JSON ({place}: {error.msg})") from error


def _yaml(text: str) -> Any:
    # Only a node that has such a file pays for it.
    import yaml

    try:
        # The base loader leaves every value the text that was written: no `on` becomes a truth.
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes no objects
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = error.problem or ""
        if problem.startswith("found undefined"):
            # It goes on with what follows a * or !, and a password may begin with these.
            problem = problem.partition(" '")[0]
        raise ValueError(f"is not YAML ({place}{problem})") from error
    except yaml.YAMLError as error:
        raise ValueError("is not YAML") from error


def _flat(name: str, document: Mapping[Any, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, text in _pairs(name, document):
        if key in found:
            raise _refused(name, f"gives {key} twice")
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
    if value is None:
        return ""
    if isinstance(value, list):
        # Every list of ours may stand a line each.
        return "\n".join(_text(name, key, item) for item in value)  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        raise _refused(name, f"has keys below {key}; a key is class.name")
    return str(value)


def _refused(name: str, problem: str) -> InputRefused:
    return InputRefused((Fault(SETTING, f"the answers file {name} {problem}", code="answers"),))
