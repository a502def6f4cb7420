"""What reads bytes that others wrote: whatever they are, it is read or refused, and nothing else.

Each raises where its promise is broken: that is what the fuzzer looks for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from agent.errors import InputRefused
from agent.properties import answers_file, environment, unescaped
from agent.values import join_string, pem

_FIXTURES = Path(__file__).parents[1] / "fixtures"
_LONGEST_SENTENCE = 400
_ANSWERS = {
    "yaml": b"network:\n  address: 192.0.2.10/24\n  dns: [192.0.2.53, 192.0.2.54]\n"
    b'node.name: "a b"\nnode.ssh_keys: |\n  ssh-ed25519 AAAA\n',
    "json": b'{"network": {"address": "192.0.2.10/24", "dns": ["192.0.2.53"]}, "node.ssh": true}',
}


class Target(NamedTuple):
    """`seeds` are good documents, from which the fuzzer goes out."""

    read: Callable[[bytes], None]
    seeds: Callable[[], Mapping[str, bytes]]


def _environment(data: bytes) -> None:
    """As from a disc, and as guestinfo's reader hands the same over."""
    for document in (data, data.decode("utf-8", errors="replace")):
        try:
            found = environment.parse(document)
        except InputRefused as refused:
            _check(refused)
            continue
        assert not any("\ufffd" in text for text in found.texts.values())
        assert not found.texts.keys() & {fault.setting for fault in found.faults}


def _unescaped(data: bytes) -> None:
    found = unescaped.read(data.decode("utf-8", errors="replace"))
    assert found is None or found.texts or found.faults


def _yaml(data: bytes) -> None:
    _answers(data, "answers.yaml")


def _json(data: bytes) -> None:
    _answers(data, "answers.json")


def _answers(data: bytes, name: str) -> None:
    try:
        found = answers_file.parse(answers_file.decode(data, name), name)
    except InputRefused as refused:
        _check(refused)
        return
    assert all(type(key) is str and type(text) is str for key, text in found.items())


def _check(refused: InputRefused) -> None:
    for fault in refused.faults:
        assert len(fault.message) < _LONGEST_SENTENCE, fault


def _pem(data: bytes) -> None:
    """What is mended is whole: read again it is the same."""
    text = data.decode("utf-8", errors="replace")
    for parse in (pem.parse_certificates, pem.parse_private_key):
        try:
            mended = parse(text)
        except ValueError as error:
            assert len(f"{error}") < _LONGEST_SENTENCE, error
        else:
            assert parse(mended) == mended


def _join_string(data: bytes) -> None:
    try:
        normal = join_string.normalise(data.decode("utf-8", errors="replace"))
    except ValueError:
        return
    assert join_string.normalise(normal) == normal


def _environments() -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in (_FIXTURES / "environments").glob("*.xml")}


def _unescaped_ones() -> Mapping[str, bytes]:
    return {name: data for name, data in _environments().items() if name.startswith("govc")}


def _pairs() -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in (_FIXTURES / "certs").glob("*.pem")}


def _answers_as(kind: str) -> Callable[[], Mapping[str, bytes]]:
    return lambda: {kind: _ANSWERS[kind]}


def _join_strings() -> Mapping[str, bytes]:
    seeds = [join_string.parse_seed(text) for text in ("192.0.2.1", "[2001:db8::1]:1", "a.example")]
    return {
        f"{count}": join_string.format(join_string.generate(seeds[:count])).encode()
        for count in range(1, join_string.MOST_SEEDS + 1)
    }


TARGETS: Mapping[str, Target] = {
    "environment": Target(_environment, _environments),
    "unescaped": Target(_unescaped, _unescaped_ones),
    "pem": Target(_pem, _pairs),
    "yaml": Target(_yaml, _answers_as("yaml")),
    "json": Target(_json, _answers_as("json")),
    "join_string": Target(_join_string, _join_strings),
}
