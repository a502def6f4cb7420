"""Text without secrets: those that this node knows, wherever they stand, and what looks like one.

Settings are not redacted here but by their type. This is for what others wrote: logs, and files of
other programs. It masks rather too much.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from agent.accepted import acts, vault
from agent.access import code
from agent.settings import normal
from agent.settings.declaration import CORE
from agent.settings.secret import MASK, Secret
from agent.system import nginx
from agent.system.files import Files
from agent.typed import Any
from agent.values.json_object import is_list, is_object

_IDENTITY = "/var/lib/bandstand/identity"
# Shorter ones would be found in every other word.
_SHORTEST = 4
_SHORTEST_LINE = 16

_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
# All counts are bounded: a log may hold any line, and nobody waits for a pattern that goes back.
# Its beginning was cut off.
_PEM_TAIL = re.compile(r"\A(?:(?!-----BEGIN).)*?-----END [A-Z0-9 ]*PRIVATE KEY-----", re.DOTALL)
# What `-----BEGIN ` becomes in base64.
_PEM_BASE64 = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/=]{16,}")
_JOIN_STRING = re.compile(r"\b(?:[0-9A-TV-Z]{5}-){4,}[0-9A-TV-Z]{1,5}\b", re.IGNORECASE)
_CRYPT = re.compile(r"\$(?:y|gy|7|2[abxy]|[156])\$[./A-Za-z0-9$=,]{8,}")
_IN_URL = re.compile(r"\b([a-z][a-z0-9+.-]{1,20}://)[^/\s@\"'<>]{1,512}@", re.IGNORECASE)
_PROPERTY = re.compile(
    r"""(\bkey\s*=\s*["']([^"'<>]+)["']\s+(?:\w+:)?value\s*=\s*)(.*?)(/>|\Z)""", re.DOTALL
)
_WORDS = r"pass(?:word|wd|phrase)|pwd|secret|token|credential|private[_-]?key|community"
_KEYS = "|".join(
    re.escape(name) for row in CORE.rows if row.is_secret for name in (row.key, *row.aliases)
)
_NAMED = re.compile(
    rf"""((?:\b(?:{_KEYS})|(?:{_WORDS})[\w.-]{{0,40}})["']?\s{{0,8}}[:=]\s{{0,8}})"""
    r"""("(?:[^"\\]|\\.)*"|'[^']*'|["']?[^\s"',;]+)""",
    re.IGNORECASE,
)


def known(files: Files) -> tuple[Secret, ...]:
    """Every secret that lies on this node as far as this user may read it."""
    whole = [*files.names(vault.FOLDER), *files.names(nginx.FOLDER, "pair-*/key.pem")]
    found = [_read(files, name) for name in whole]
    for name in files.names(_IDENTITY):
        found += _of_identity(_read(files, name))
    for act in acts.pending(files).values():
        found += _of_act(act.reveal())
    found += _of_code(files)
    return tuple(Secret(text) for text in found if text)


def _of_code(files: Files) -> Iterator[str]:
    """With and without its hyphen."""
    now = code.load(files)
    if now is not None:
        yield from (now.text, code.plain(now.text))


def _of_act(text: str) -> Iterator[str]:
    """It may be JSON that holds some, a line each (agent.accepted.claim)."""
    yield text
    for line in text.splitlines():
        if line.startswith("{"):
            yield from _of_identity(line)


def _of_identity(text: str) -> Iterator[str]:
    """Keys, and what stands under a secret's name; names, certificates and ids are to be seen."""
    if "PRIVATE KEY" in text or _JOIN_STRING.fullmatch(text):
        yield text
    elif text.startswith("{"):
        try:
            yield from _named(json.loads(text))
        except (ValueError, RecursionError):
            yield text


def _named(value: Any) -> Iterator[str]:
    for key, inner in value.items() if is_object(value) else ():
        if isinstance(inner, str) and normal.redact({key: inner})[key] == MASK:
            yield inner
        yield from _named(inner)


def _read(files: Files, name: str) -> str:
    try:
        return (files.read(name) or "").strip()
    except OSError:
        return ""


class Redactor:
    """Masks in texts, and in what JSON made of one."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        shapes = {shape for secret in secrets for shape in _shapes(secret.reveal())}
        longest_first = sorted(shapes, key=lambda shape: (-len(shape), shape))
        self._known = re.compile("|".join(map(re.escape, longest_first))) if shapes else None

    def text(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for pattern in (_PEM, _PEM_TAIL, _PEM_BASE64, _JOIN_STRING, _CRYPT):
            text = pattern.sub(MASK, text)
        text = _IN_URL.sub(rf"\1{MASK}@", text)
        text = _PROPERTY.sub(_property, text)
        return _NAMED.sub(rf"\1{MASK}", text)

    def tree(self, value: Any) -> Any:
        """The same shape; a text under a name that is a secret's is masked whatever it says."""
        if is_object(value):
            return {self.text(key): self._under(key, inner) for key, inner in value.items()}
        if is_list(value):
            return [self.tree(inner) for inner in value]
        return self.text(value) if isinstance(value, str) else value

    def _under(self, key: str, value: Any) -> Any:
        if isinstance(value, str) and value:
            return self.text(normal.redact({key: value})[key])
        return self.tree(value)


def _property(found: re.Match[str]) -> str:
    head, key, value, end = found.groups()
    shown = normal.redact({key: value})[key]
    return f'{head}"{MASK}"{end}' if shown == MASK else found.group(0)


def _shapes(secret: str) -> set[str]:
    """As it is, as programs write it down, and line by line: a key may be logged so."""
    lines = [line.strip() for line in secret.splitlines()]
    texts = [secret, *(line for line in lines if len(line) >= _SHORTEST_LINE)]
    shapes: set[str] = set()
    for text in texts:
        shapes |= {
            text,
            json.dumps(text)[1:-1],
            json.dumps(text, ensure_ascii=False)[1:-1],
            repr(text)[1:-1],
            html.escape(text),
            quote(text, safe=""),
            base64.b64encode(text.encode()).decode().rstrip("="),
        }
    return {shape for shape in shapes if len(shape) >= _SHORTEST and not shape.startswith("-----")}
