"""The join string: where the seeds are, and a one-time secret, in characters hard to mistake.

Bytes: version and number of seeds (a nibble each); for each seed a tag (4, 6, or 64 plus the
length of a name; plus 128 where a port of two bytes follows) and its address; 16 bytes of secret;
CRC-16 of all that. As text: base32 of Crockford's alphabet in groups of four, each with a check
character over its place and its digits, so that a mistyped group is named.
"""

from __future__ import annotations

import binascii
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

from agent.values.address import parse_port
from agent.values.names import parse_host

DEFAULT_PORT = 13000
VERSION = 1
# Of a new one, since somebody may have to type it; one that is read may name as many as a nibble
# counts. That is how seeds beside a cluster key are kept (agent.values.cluster_key).
MOST_SEEDS = 3
MOST_GIVEN_SEEDS = 15
SECRET_BYTES = 16

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKES = str.maketrans("OIL", "011")
_DIGIT_BITS = 5
_GROUP = 5
_CRC_BYTES = 2
_NAME_TAG = 64
_PORT_TAG = 128
_LONGEST_NAME = 63


@dataclass(frozen=True, order=True)
class Seed:
    """Where a member listens for joiners."""

    host: str
    port: int = DEFAULT_PORT

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORT else f"{host}:{self.port}"


@dataclass(frozen=True)
class JoinString:
    """Its seeds, tried in order, and the secret, which is never shown by repr."""

    seeds: tuple[Seed, ...]
    secret: bytes = field(repr=False)
    version: int = VERSION


def generate(seeds: Sequence[Seed]) -> JoinString:
    """A new one with a fresh secret; ValueError when the seeds are none or too many."""
    _check_count(len(seeds), MOST_SEEDS)
    return JoinString(tuple(seeds), new_secret())


def new_secret() -> bytes:
    """Of a join string or of a cluster key: generated, never chosen, so that no guess can hit."""
    return os.urandom(SECRET_BYTES)


def parse_seed(text: str) -> Seed:
    """`host`, `host:port`, `[IPv6]` or `[IPv6]:port`; a bare IPv6 address takes the usual port."""
    host, port = text.strip(), ""
    if host.startswith("[") and "]:" in host:
        host, _, port = host.rpartition(":")
    elif host.count(":") == 1:
        host, _, port = host.partition(":")
    name = parse_host(host)
    if len(name) > _LONGEST_NAME:
        raise ValueError(f"is longer than {_LONGEST_NAME} characters")
    return Seed(name, parse_port(port) if port else DEFAULT_PORT)


def format(join: JoinString) -> str:
    _check_count(len(join.seeds), MOST_GIVEN_SEEDS)
    return pack(join)


def pack(join: JoinString) -> str:
    """The text of any number of seeds; without one it is a cluster key."""
    head = bytes([join.version << 4 | len(join.seeds)])
    payload = head + b"".join(_pack_seed(seed) for seed in join.seeds) + join.secret
    data = payload + binascii.crc_hqx(payload, 0).to_bytes(_CRC_BYTES, "big")
    digits = _digits_of(data)
    groups = [digits[start : start + _GROUP - 1] for start in range(0, len(digits), _GROUP - 1)]
    return "-".join(
        "".join(_ALPHABET[digit] for digit in (*group, _check_digit(place, group)))
        for place, group in enumerate(groups, 1)
    )


def normalise(text: str) -> str:
    """The same join string as it is generated; raises ValueError as `parse` does."""
    return format(parse(text))


def parse(text: str) -> JoinString:
    """Blanks, hyphens, case and look-alikes do not matter; ValueError says which group is wrong."""
    join = unpack(text)
    if not join.seeds:
        raise ValueError("is a cluster key, which goes into cluster.key, with cluster.seeds")
    return join


def unpack(text: str) -> JoinString:
    """What was packed, with seeds or without."""
    reader = _Reader(_bytes_of(_checked_digits(text)))
    try:
        version, count = divmod(reader.take(1)[0], 16)
        seeds = tuple(_unpack_seed(reader) for _ in range(count))
        join = JoinString(seeds, reader.take(SECRET_BYTES), version)
        check = binascii.crc_hqx(reader.taken, 0)
        is_whole = int.from_bytes(reader.take(_CRC_BYTES), "big") == check and reader.is_padding
    except ValueError:
        is_whole, join = False, JoinString((), b"")
    if not is_whole:
        raise ValueError("is incomplete, or has several characters changed")
    if join.version != VERSION:
        raise ValueError(f"is of version {join.version}; this node knows version {VERSION} only")
    return join


def _check_count(count: int, most: int) -> None:
    if not 1 <= count <= most:
        raise ValueError(f"has {count} seeds instead of 1 to {most}")


def _checked_digits(text: str) -> list[int]:
    letters = "".join(text.split()).replace("-", "").upper().translate(_LOOK_ALIKES)
    for letter in letters:
        if letter not in _ALPHABET:
            raise ValueError("has a character that no join string has")
    digits = [_ALPHABET.index(letter) for letter in letters]
    groups = [digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP)]
    for place, group in enumerate(groups, 1):
        if len(group) < _GROUP or group[-1] != _check_digit(place, group[:-1]):
            raise ValueError(f"has a mistake in group {place} of {len(groups)}, or before it")
    if len(digits) * _DIGIT_BITS < (SECRET_BYTES + _CRC_BYTES) * 8:
        raise ValueError("is too short for a join string")
    return [digit for group in groups for digit in group[:-1]]


def _check_digit(place: int, digits: Sequence[int]) -> int:
    """A polynomial over GF(32): finds any one changed digit, and any two of a group swapped."""
    check = place % 32
    for digit in digits:
        check = _doubled(check) ^ digit
    return _doubled(check)


def _doubled(element: int) -> int:
    """Times x, modulo x^5 + x^2 + 1."""
    shifted = element << 1
    return shifted ^ 0b100101 if shifted & 32 else shifted


def _digits_of(data: bytes) -> list[int]:
    """Five bits a digit, filled up with zeros to whole groups."""
    groups = -(-len(data) * 8 // (_DIGIT_BITS * (_GROUP - 1)))
    count = groups * (_GROUP - 1)
    number = int.from_bytes(data, "big") << (count * _DIGIT_BITS - len(data) * 8)
    return [number >> (place * _DIGIT_BITS) & 31 for place in reversed(range(count))]


def _bytes_of(digits: Sequence[int]) -> bytes:
    number = 0
    for digit in digits:
        number = number << _DIGIT_BITS | digit
    bits = len(digits) * _DIGIT_BITS
    return (number << (-bits % 8)).to_bytes(-(-bits // 8), "big")


@dataclass
class _Reader:
    """Takes bytes from the front."""

    data: bytes
    place: int = 0

    def take(self, count: int) -> bytes:
        start, self.place = self.place, self.place + count
        if self.place > len(self.data):
            raise ValueError("ends too early")
        return self.data[start : self.place]

    @property
    def taken(self) -> bytes:
        return self.data[: self.place]

    @property
    def is_padding(self) -> bool:
        """Whether what is left only fills the last group up."""
        return len(self.data) - self.place < _GROUP - 2 and not any(self.data[self.place :])


def _pack_seed(seed: Seed) -> bytes:
    tag, host = _pack_host(seed.host)
    if seed.port == DEFAULT_PORT:
        return bytes([tag]) + host
    return bytes([tag | _PORT_TAG]) + host + seed.port.to_bytes(2, "big")


def _pack_host(host: str) -> tuple[int, bytes]:
    if ":" in host:
        return 6, IPv6Address(host).packed
    if host.replace(".", "").isdigit():
        return 4, IPv4Address(host).packed
    name = host.encode("ascii")
    if len(name) > _LONGEST_NAME:
        raise ValueError(f"is longer than {_LONGEST_NAME} characters")
    return _NAME_TAG | len(name), name


def _unpack_seed(reader: _Reader) -> Seed:
    tag = reader.take(1)[0]
    host = _unpack_host(tag & ~_PORT_TAG, reader)
    port = int.from_bytes(reader.take(2), "big") if tag & _PORT_TAG else DEFAULT_PORT
    return Seed(host, port)


def _unpack_host(tag: int, reader: _Reader) -> str:
    if tag == 4:
        return str(IPv4Address(reader.take(4)))
    if tag == 6:
        return str(IPv6Address(reader.take(16)))
    if tag & _NAME_TAG:
        return parse_host(reader.take(tag & ~_NAME_TAG).decode("ascii"))
    raise ValueError("is no seed")
