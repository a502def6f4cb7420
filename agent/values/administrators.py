"""The first administrator of a cluster: a name for the portal, and a password in clear."""

from __future__ import annotations

from agent.values.accounts import is_hash, parse_password

_LONGEST = 64
_FIRST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_OTHERS = _FIRST | frozenset("._@-+")


def parse_name(text: str) -> str:
    """In lower case: nobody is to be another one by a capital."""
    name = text.strip().lower()
    if not name:
        raise ValueError("is blank")
    if len(name) > _LONGEST:
        raise ValueError(f"is longer than {_LONGEST} characters")
    strange = next((letter for letter in name if letter not in _OTHERS), None)
    if strange is not None:
        raise ValueError(f"has the character {strange!r}")
    if name[0] not in _FIRST:
        raise ValueError(f"begins with {name[0]!r}")
    return name


def parse_clear_password(text: str) -> str:
    """The portal makes its own hash of it, so that one of crypt(3) would be of no use."""
    password = parse_password(text)
    if is_hash(password):
        raise ValueError("looks like a crypt hash; this one is wanted in clear")
    return password
