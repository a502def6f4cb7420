"""One JSON object a line: what goes in comes out, and nonsense is refused with a sentence."""

from __future__ import annotations

import json

import pytest

from agent.ask import wire
from agent.errors import (
    BandstandError,
    CommandFailed,
    Fault,
    InputRefused,
    NotNow,
    NotReachable,
    RefusedByPeer,
    StepFailed,
    UsageError,
)


def test_a_request_survives_the_way() -> None:
    line = wire.encode_request("change", {"shared": {"tls.certificate": "a\nb"}})

    assert line.count(b"\n") == 1
    assert wire.decode_request(line) == wire.Request(
        "change", {"shared": {"tls.certificate": "a\nb"}}
    )


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"hello\n",
        b"[]\n",
        b"7\n",
        b"\xff\xfe\n",
        b'{"version": 1}\n',
        b'{"version": 1, "verb": 7}\n',
        b'{"version": 1, "verb": "status", "args": []}\n',
        b'{"version": 2, "verb": "status"}\n',
        b'{"verb": "status"}\n',
        b"[" * 200_000,
        b'{"version": 1, "verb": "' + b"x" * wire.LIMIT_BYTES + b'"}\n',
    ],
)
def test_nonsense_is_refused(line: bytes) -> None:
    with pytest.raises(UsageError):
        wire.decode_request(line)


def test_a_request_without_arguments_has_none() -> None:
    assert wire.decode_request(b'{"version": 1, "verb": "status"}\n') == wire.Request("status", {})


@pytest.mark.parametrize(
    "error",
    [
        UsageError("no such verb", hint="known are …"),
        UsageError("no such verb", code="unknown-verb"),
        NotReachable("nobody there"),
        RefusedByPeer("that was used", hint="ask for another", code="token-used"),
        NotNow("a member already"),
        CommandFailed("nginx ended with status 1"),
        StepFailed("the kernel refused"),
        BandstandError("something else", code="odd"),
    ],
)
def test_an_error_arrives_as_what_it_was(error: BandstandError) -> None:
    said = json.loads(wire.encode(wire.as_error(error)))["error"]

    arrived = wire.from_error(said)

    assert type(arrived) is type(error)
    assert arrived.as_json() == error.as_json()


def test_faults_arrive_each_by_its_setting() -> None:
    faults = (Fault("tls.key", "does not match", "give the other"), Fault("x.y", "is unknown"))

    arrived = wire.from_error(wire.as_error(InputRefused(faults))["error"])

    assert isinstance(arrived, InputRefused)
    assert arrived.faults == faults


def test_an_error_of_a_stranger_is_still_an_error() -> None:
    assert type(wire.from_error({})) is BandstandError
    assert type(wire.from_error({"code": "not-now"})) is NotNow
    assert type(wire.from_error({"exit_code": 3, "faults": "?"})) is InputRefused
