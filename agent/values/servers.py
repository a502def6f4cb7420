"""Servers as text and back: names and addresses in a list."""

from __future__ import annotations

from agent.values.names import parse_host
from agent.values.words import parse_each

_MOST = 16


def parse_servers(text: str) -> tuple[str, ...]:
    """Names in lower case, addresses in their shortest form, each once."""
    found = parse_each(text, _parse_server)
    if not found:
        raise ValueError("holds no server")
    if len(found) > _MOST:
        raise ValueError(f"holds more than {_MOST} servers")
    return found


def _parse_server(text: str) -> str:
    if "%" in text:
        raise ValueError("is an address of one card, which has no use here")
    return parse_host(text)
