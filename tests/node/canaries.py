"""A canary for every secret setting: an answer of a form that its kind takes, and nobody else's.

Made from the declaration, so that a new secret setting has one by itself or is named as lacking it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from agent.settings.accept import accept
from agent.settings.declaration import CORE
from agent.settings.declare import Row
from agent.values import cluster_key, join_string
from agent.values.join_string import JoinString, Seed
from tests.fakes.issuer import issue

# Of a network for examples: nobody answers there.
_NOBODY = "192.0.2.77"
_SCALAR_BYTES = 32
# Where in the PEM text of a P-256 key its secret number stands: what precedes is the same in all
# of them, what follows is the public key.
_IN_FIRST_LINE, _IN_SECOND_LINE = slice(48, 64), slice(24)
# In the text of a join string with one seed, and of a cluster key, which has none: the groups that
# hold nothing but bits of the secret.
_SECRET_GROUPS, _SECRET_GROUPS_OF_KEY = slice(3, 8), slice(1, 5)
# What a setting is not taken without, besides the certificate of a key.
_NEEDS: Mapping[str, Mapping[str, str]] = {"portal.key": {"portal.port": "8443"}}
# Each with a canary in it; the first that a kind refuses is taken.
_REFUSED_URL = ("ftp://canary:{}@proxy.example.com:3128",)
_REFUSED = (
    "$9$salt${}",
    "{0}\n{0}\n",
    "-----BEGIN PRIVATE KEY-----\n{0}\n{0}\n-----END PRIVATE KEY-----\n",
)


class Canary(NamedTuple):
    """An answer, the texts and bytes that give it away, and what must be answered beside it."""

    key: str
    text: str
    marks: tuple[bytes, ...]
    beside: Mapping[str, str]


class Variety(NamedTuple):
    """What one node is answered."""

    name: str
    answers: Mapping[str, str]
    marks: Mapping[str, tuple[bytes, ...]]


def secret_rows() -> tuple[Row, ...]:
    """Those whose values are secrets, always or when they hold credentials."""
    return tuple(row for row in CORE.rows if row.is_secret or row.kind.has_credentials)


def canary_of(row: Row) -> Canary:
    """LookupError where nothing that is made here is an answer to this setting."""
    made = _MAKERS.get(row.kind.name, _word)(row)
    try:
        _ = row.kind.parse(made.text)
    except ValueError as error:
        raise LookupError(f"{row.key} has no canary for its kind {row.kind.name}") from error
    return made


def accepted() -> Iterator[Variety]:
    """As few nodes as it takes for every canary to be accepted on one of them."""
    left = [canary_of(row) for row in secret_rows() if _takes_secrets(row)]
    number = 0
    while left:
        answers: dict[str, str] = {}
        planted: list[Canary] = []
        for canary in left:
            beside = {**canary.beside, **_NEEDS.get(canary.key, {})}
            trial = {**answers, **beside, canary.key: canary.text}
            if not accept(trial).faults:
                answers, planted = trial, [*planted, canary]
        if not planted:
            raise LookupError(f"{', '.join(one.key for one in left)}: not accepted by themselves")
        number += 1
        yield Variety(f"accepted{number}", answers, {one.key: one.marks for one in planted})
        left = [canary for canary in left if canary not in planted]


def refused() -> Variety:
    """Every secret setting once more, each with an answer that its kind does not take."""
    words = {row.key: _unique() for row in secret_rows()}
    answers = {row.key: _spoiled(row, words[row.key]) for row in secret_rows()}
    # A key without seeds would be a fault of the seeds besides.
    answers["cluster.seeds"] = _NOBODY
    return Variety("refused", answers, {key: (word.encode(),) for key, word in words.items()})


def _takes_secrets(row: Row) -> bool:
    """Of the URLs, a proxy's may hold credentials; in any other they are refused."""
    if row.is_secret:
        return True
    try:
        return bool(canary_of(row))
    except LookupError:
        return False


def _spoiled(row: Row, word: str) -> str:
    for shape in _REFUSED_URL if row.kind.has_credentials else _REFUSED:
        text = shape.format(word)
        try:
            _ = row.kind.parse(text)
        except ValueError:
            return text
    raise LookupError(f"{row.key}: its kind {row.kind.name} takes everything that is tried here")


def _unique() -> str:
    return f"Canary{secrets.token_hex(12)}"


def _word(row: Row) -> Canary:
    word = _unique()
    return Canary(row.key, word, (word.encode(),), {})


def _url(row: Row) -> Canary:
    word = _unique()
    return Canary(row.key, f"http://canary:{word}@{_NOBODY}:3128", (word.encode(),), {})


def _private_key(row: Row) -> Canary:
    key, scalar = _key()
    now = datetime.now(UTC)
    pair = issue("canary", key=key, begins=now - timedelta(1), ends=now + timedelta(90))
    first, second = pair.key_pem.splitlines()[1:3]
    in_text = (first[_IN_FIRST_LINE].encode(), second[_IN_SECOND_LINE].encode())
    certificate = f"{row.key.rpartition('.')[0]}.certificate"
    beside = {certificate: pair.pem} if CORE.find(certificate) else {}
    return Canary(row.key, pair.key_pem, (scalar, *in_text), beside)


def _key() -> tuple[ec.EllipticCurvePrivateKey, bytes]:
    while True:
        key = ec.generate_private_key(ec.SECP256R1())
        scalar = key.private_numbers().private_value.to_bytes(_SCALAR_BYTES, "big")
        if _is_searchable(scalar):
            return key, scalar


def _join_string(row: Row) -> Canary:
    secret = _secret()
    text = join_string.format(JoinString((Seed(_NOBODY),), secret))
    return Canary(row.key, text, (secret, *_grouped(text, _SECRET_GROUPS)), {})


def _cluster_key(row: Row) -> Canary:
    secret = _secret()
    text = cluster_key.format(secret)
    marks = (secret, *_grouped(text, _SECRET_GROUPS_OF_KEY))
    return Canary(row.key, text, marks, {"cluster.seeds": _NOBODY})


def _administrator(row: Row) -> Canary:
    """Kept by a node that makes a cluster until its database answers, which this one never does."""
    word = _unique()
    public = x25519.X25519PrivateKey.generate().public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    beside = {
        "cluster.init": "True",
        "cluster.admin_user": "operator",
        "cluster.recovery_public_key": pem,
        "database.host": _NOBODY,
        "database.name": "bandstand",
        "database.user": "bandstand",
    }
    return Canary(row.key, word, (word.encode(),), beside)


def _secret() -> bytes:
    secret = b"\n"
    while not _is_searchable(secret):
        secret = secrets.token_bytes(join_string.SECRET_BYTES)
    return secret


def _grouped(text: str, groups: slice) -> Iterator[bytes]:
    """As people are shown it, and as they may type it."""
    wanted = text.split("-")[groups]
    return (mark.join(wanted).encode() for mark in ("-", ""))


def _is_searchable(secret: bytes) -> bool:
    """These two end a line of a search, and a text."""
    return b"\n" not in secret and b"\0" not in secret


_MAKERS: Mapping[str, Callable[[Row], Canary]] = {
    "proxy": _url,
    "mirror": _url,
    "syslog": _url,
    "private-key": _private_key,
    "join-string": _join_string,
    "cluster-key": _cluster_key,
    "administrator-password": _administrator,
}
