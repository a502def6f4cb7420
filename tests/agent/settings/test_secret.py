"""A secret does not get out by any way in which values usually do."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle
import pprint
import traceback
from collections.abc import Callable
from dataclasses import asdict, astuple, dataclass
from typing import Any

import pytest

from agent.settings.database import Database
from agent.settings.secret import MASK, Secret

CANARY = "canary-3f9b-correct-horse"


@dataclass
class _Held:
    """Something that holds one."""

    password: Secret


def _logged(secret: Secret) -> str:
    stream = io.StringIO()
    log = logging.Logger("secrets")
    log.addHandler(logging.StreamHandler(stream))
    log.warning("%s %r %s", secret, secret, {"password": secret})
    return stream.getvalue()


def _traceback(secret: Secret) -> str:
    def fail(given: Secret) -> None:
        raise ValueError(f"{given} is not taken", given)

    try:
        fail(secret)
    except ValueError as error:
        found = traceback.TracebackException.from_exception(error, capture_locals=True)
        return "".join(found.format())
    raise AssertionError


SHOWN: dict[str, Callable[[Secret], str]] = {
    "repr": repr,
    "str": str,
    "f-string": lambda secret: f"{secret} {secret!r} {secret!s} {secret:>30}",
    "percent": lambda secret: "%s %r" % (secret, secret),  # noqa: UP031
    "format": lambda secret: "{} {!r} {:20}".format(secret, secret, secret),  # noqa: UP032
    "in a dictionary": lambda secret: str({"a": [secret, (secret,)]}),
    "in a data class": lambda secret: repr(_Held(secret)),
    "in a section": lambda secret: repr(Database(password=secret)),
    "pprint": lambda secret: pprint.pformat({"a": secret}),
    "log": _logged,
    "traceback with locals": _traceback,
    "JSON with a way out": lambda secret: json.dumps({"a": secret}, default=str),
    "copy": lambda secret: repr(copy.copy(secret)),
    "deep copy": lambda secret: repr(copy.deepcopy([secret])),
    "data class as a dictionary": lambda secret: str(asdict(_Held(secret))),
    "data class as a tuple": lambda secret: str(astuple(_Held(secret))),
}


@pytest.mark.parametrize("way", SHOWN)
def test_what_is_shown_is_a_mask(way: str) -> None:
    shown = SHOWN[way](Secret(CANARY))
    assert CANARY not in shown
    assert MASK in shown


def _pickled(protocol: int) -> Callable[[Any], object]:
    return lambda secret: pickle.dumps(secret, protocol)


REFUSED: dict[str, Callable[[Any], object]] = {
    "json": lambda secret: json.dumps({"a": secret}),
    "json as a key": lambda secret: json.dumps({secret: 1}),
    "join": lambda secret: ", ".join([secret]),
    "concatenate": lambda secret: "a" + secret,
    "its state": lambda secret: secret.__getstate__(),
    "its dictionary": vars,
    "bytes": bytes,
    "characters": list,
    **{f"pickle {number}": _pickled(number) for number in range(pickle.HIGHEST_PROTOCOL + 1)},
    "pickle in a data class": lambda secret: pickle.dumps(_Held(secret)),
}


@pytest.mark.parametrize("way", REFUSED)
def test_what_cannot_mask_refuses_without_the_text(way: str) -> None:
    with pytest.raises(TypeError) as caught:
        _ = REFUSED[way](Secret(CANARY))
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_it_can_be_compared_and_hashed_like_its_text() -> None:
    assert Secret(CANARY) == Secret(CANARY)
    assert Secret(CANARY) != Secret("other")
    assert Secret(CANARY) != CANARY
    assert len({Secret(CANARY), Secret(CANARY)}) == 1
    assert Secret(CANARY).reveal() == CANARY
    assert not Secret("")


def test_a_copy_is_the_secret_itself() -> None:
    secret = Secret(CANARY)
    assert copy.copy(secret) is secret
    assert copy.deepcopy({"a": [secret]})["a"][0] is secret
