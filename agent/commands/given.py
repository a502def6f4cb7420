"""Settings as a command takes them: KEY=VALUE, and more of them from a file; never a secret."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from agent.errors import UsageError
from agent.properties import answers_file
from agent.settings.declaration import CORE
from agent.values.words import concealed


def add(parser: ArgumentParser, example: str) -> None:
    """The arguments `settings` and `answers`."""
    _ = parser.add_argument(
        "settings", nargs="*", metavar="KEY=VALUE", help=f"such as {example}; KEY= unsets"
    )
    _ = parser.add_argument(
        "--answers", metavar="FILE", help="more of them, as YAML; - reads standard input"
    )


def given(args: Namespace, category: str, command: str) -> dict[str, str]:
    """By their full keys; a bare name is short for one of the `category`. `command` is what else
    takes a secret, by --answers.
    """
    found = {} if args.answers is None else _read(args.answers)
    pairs: Sequence[str] = args.settings
    for pair in pairs:
        name, sign, text = pair.partition("=")
        if not sign or not name.strip():
            raise UsageError(
                "a setting is given as KEY=VALUE", hint="bandstand settings explain lists the keys"
            )
        key = name.strip() if "." in name else f"{category}.{name.strip()}"
        if text and _is_secret(key, text):
            raise UsageError(
                f"{key} holds what is secret, and everybody on this node sees an argument",
                hint=f"{command} --answers - reads it from standard input",
            )
        found[key] = text
    return found


def _is_secret(key: str, text: str) -> bool:
    row = CORE.find(key)
    return row is not None and (row.is_secret or concealed(text) != text)


def _read(name: str) -> dict[str, str]:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from error
    return answers_file.parse(answers_file.decode(data, name), name)
