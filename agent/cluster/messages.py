"""What joiner and seed say to each other, typed; anything else is refused at the door."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from agent.cluster.naming import check_addresses, split_address
from agent.errors import UsageError
from agent.typed import Any
from agent.values.json_object import list_of
from agent.values.names import parse_node_name

VERSION = 1

_HEX = re.compile(r"[0-9a-f]{16,128}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST_TEXT = 8192


@dataclass(frozen=True)
class Hello:
    """All that a joiner says before the seed has proven anything."""

    token: str
    nonce: str
    version: int = VERSION


@dataclass(frozen=True)
class Welcome:
    """The seed's answer; `time_s` is the database's clock, as the text that the proof covers."""

    cluster_id: str
    cluster_name: str
    root: str
    time_s: str
    nonce: str
    proof: str
    version: int = VERSION


@dataclass(frozen=True)
class JoinRequest:
    """What the joiner says to a proven seed; `nonce` is the seed's, `wrap_key` in hexadecimal."""

    token: str
    nonce: str
    node_id: str
    request: str
    wrap_key: str
    name: str
    addresses: tuple[str, ...]
    peer_address: str
    software: str
    proof: str = ""

    def content(self) -> tuple[str, ...]:
        """What the joiner's proof covers."""
        return (
            *(self.node_id, self.request, self.wrap_key, self.name),
            *("\0".join(self.addresses), self.peer_address, self.software),
        )


def to_json(message: Hello | Welcome | JoinRequest) -> dict[str, Any]:
    return asdict(message)


def read_hello(said: Mapping[str, Any]) -> Hello:
    version = said.get("version")
    return Hello(
        _matching(said, "token", _HEX),
        _matching(said, "nonce", _HEX),
        version if isinstance(version, int) else 0,
    )


def read_welcome(said: Mapping[str, Any]) -> Welcome:
    version = said.get("version")
    return Welcome(
        cluster_id=_matching(said, "cluster_id", _UUID),
        cluster_name=_text(said, "cluster_name"),
        root=_text(said, "root"),
        time_s=_matching(said, "time_s", re.compile(r"\d{1,12}(\.\d{1,6})?")),
        nonce=_matching(said, "nonce", _HEX),
        proof=_matching(said, "proof", _HEX),
        version=version if isinstance(version, int) else 0,
    )


def read_request(said: Mapping[str, Any]) -> JoinRequest:
    addresses = tuple(str(one) for one in list_of(said.get("addresses")))
    name, peer_address = _text(said, "name"), _text(said, "peer_address")
    # Judged, but kept as said: the joiner's proof covers every character.
    try:
        check_addresses(addresses)
        _ = split_address(peer_address)
        _ = parse_node_name(name)
    except ValueError as error:
        raise UsageError(f"the request names no node that could be: {error}") from error
    return JoinRequest(
        token=_matching(said, "token", _HEX),
        nonce=_matching(said, "nonce", _HEX),
        node_id=_matching(said, "node_id", _UUID),
        request=_text(said, "request"),
        wrap_key=_matching(said, "wrap_key", re.compile(r"[0-9a-f]{64}")),
        name=name,
        addresses=addresses,
        peer_address=peer_address,
        software=_text(said, "software"),
        proof=_matching(said, "proof", _HEX),
    )


def _text(said: Mapping[str, Any], key: str) -> str:
    value = said.get(key)
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise UsageError(f'the message has no text "{key}"')
    return value


def _matching(said: Mapping[str, Any], key: str, pattern: re.Pattern[str]) -> str:
    value = _text(said, key)
    if not pattern.fullmatch(value):
        raise UsageError(f'"{key}" of the message is not what it should be')
    return value
