"""`bandstand settings`: check answers before they are used, explain a setting."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path

from agent.commands.answer import Answer, Group
from agent.errors import Fault, InputRefused, UsageError
from agent.properties import answers_file
from agent.properties.read import read_document
from agent.settings.accept import Acceptance, accept
from agent.settings.declaration import CORE, Declaration, Settings
from agent.settings.declare import Row
from agent.settings.normal import to_text
from agent.settings.secret import MASK, Secret
from agent.settings.setters import words
from agent.system.files import Files

_REFUSED = InputRefused.exit_code
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .-_/,+")
_LABEL_COLUMNS = 13


def add(group: Group) -> None:
    parser = group.add_parser("settings", help="check answers, explain settings")
    verbs = parser.add_subparsers(metavar="VERB")
    check = verbs.add_parser("check", help="say what is wrong with answers, or their normal form")
    _ = check.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help="YAML, JSON or an OVF environment; - reads standard input; "
        "without it the answers file of this node",
    )
    check.set_defaults(run=run_check, files=Files())
    explain = verbs.add_parser("explain", help="what a setting accepts, and what blank means")
    _ = explain.add_argument("key", nargs="?", metavar="KEY", help="without it: all keys")
    explain.set_defaults(run=run_explain)


def run_check(args: Namespace) -> Answer:
    name, document = _given(args.file, args.files)
    try:
        acceptance = _accepted(name, document)
    except InputRefused as refused:
        acceptance = Acceptance(Settings(), refused.faults)
    data = {
        "faults": [fault.as_json() for fault in acceptance.faults],
        "notices": list(acceptance.notices),
    }
    if acceptance.faults:
        lines = [f"{fault.setting}: {fault.message}" for fault in acceptance.faults]
        return Answer("\n".join(lines), data, _REFUSED)
    shown = shown_settings(acceptance.settings)
    notes = [f"# {notice}" for notice in acceptance.notices]
    lines = [f"{key}: {_yaml(text)}" for key, text in shown.items()] or ["{}"]
    return Answer("\n".join((*notes, *lines)), {**data, "settings": shown})


def _given(file: str | None, files: Files) -> tuple[str, bytes]:
    if file == "-":
        return "standard input", sys.stdin.buffer.read()
    candidates = answers_file.NAMES if file is None else (str(Path(file).absolute()),)
    for name in candidates:
        data = _read(files, name)
        if data is not None:
            return (name if file is None else file), data
    raise UsageError(
        f"there is no file {file or ' or '.join(candidates)}", hint="bandstand settings check FILE"
    )


def _read(files: Files, name: str) -> bytes | None:
    try:
        return files.read_bytes(name)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from error


def _accepted(name: str, data: bytes) -> Acceptance:
    """Read and judged as a node does it."""
    answers = read_document(name, data)
    found = accept(answers.raw, strict=answers.is_strict, unreadable=answers.unreadable)
    return found._replace(notices=(*answers.notices, *found.notices))


def shown_settings(settings: Settings) -> dict[str, str]:
    """The set keys in their normal form and order, secrets masked."""
    texts = to_text(settings)
    found: dict[str, str] = {}
    for row in CORE.rows:
        if row.key in texts:
            found[row.key] = texts[row.key]
        elif isinstance(getattr(getattr(settings, row.category), row.name), Secret):
            found[row.key] = MASK
    return found


def _yaml(text: str) -> str:
    """JSON's quoting is YAML's too, and keeps a value on its line."""
    is_plain = _PLAIN.issuperset(text) and text[:1].isalnum()
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def run_explain(args: Namespace) -> Answer:
    return explain(CORE, args.key)


def explain(declaration: Declaration, key: str | None) -> Answer:
    """One setting by its key or an alias, or all of them by their labels."""
    if key is None:
        rows = declaration.rows
        lines = [f"{row.key:<26}{row.label}" for row in rows]
        return Answer("\n".join(lines), {"settings": [_facts(row) for row in rows]})
    row = declaration.find(key)
    if row is None:
        near = declaration.nearest(key)
        meant = f"; did you mean {near}?" if near else ""
        raise InputRefused((Fault(key, f"is not a setting{meant}", code="unknown"),))
    facts = _facts(row)
    shown = [
        (name, ", ".join(text) if isinstance(text, list) else text) for name, text in facts.items()
    ]
    lines = [f"{name:<{_LABEL_COLUMNS}}{text}" for name, text in shown if text not in ("", False)]
    return Answer("\n".join(lines), facts)


def _facts(row: Row) -> dict[str, str | bool | list[str]]:
    return {
        "key": row.key,
        "label": row.label,
        "help": row.help,
        "accepts": row.kind.accepts,
        "unset": row.default_text.replace("`", ""),
        "example": row.example,
        "secret": row.is_secret,
        "scope": row.scope.value,
        "set_by": words(row),
        "aliases": list(row.aliases),
    }
