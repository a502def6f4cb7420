"""What the table of bad answers cannot hold as text: keys and certificates that are made here."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from agent.values import join_string
from agent.values.join_string import JoinString, Seed
from tests.fakes.issuer import Issued, Key, chain_of, issue, key_pem

_NOW = datetime.now(UTC)
_DAY = timedelta(days=1)
_SHA1 = (Path(__file__).parents[2] / "fixtures/certs/signed-with-sha1.pem").read_text()
_PASSPHRASE = b"not said"


def _issued(key: Key | None = None, *, begins: int = -1, ends: int = 90) -> Issued:
    return issue(key=key, begins=_NOW + begins * _DAY, ends=_NOW + ends * _DAY)


def _pair(name: str, made: Issued) -> dict[str, str]:
    return {f"@{name}-certificate": made.pem, f"@{name}-key": made.key_pem}


def ssh_key(kind: str, *fields: bytes) -> str:
    """A public key of these fields, as RFC 4253 packs them, whether or not they are right."""
    packed = (len(field).to_bytes(4, "big") + field for field in (kind.encode(), *fields))
    return f"{kind} {base64.b64encode(b''.join(packed)).decode()}"


def ssh_rsa(bits: int) -> str:
    return ssh_key("ssh-rsa", b"\x01\x00\x01", b"\0" + (1 << (bits - 1)).to_bytes(bits // 8, "big"))


MINE = _issued()
_CHAIN = chain_of(2)
_LINES = MINE.pem.splitlines(keepends=True)
_KEY_LINES = MINE.key_pem.splitlines()
_CHANGED = "B" if _KEY_LINES[1][50] == "A" else "A"
_ENCRYPTED = key_pem(MINE.key, passphrase=_PASSPHRASE)

STAND_INS = {
    "@certificate": MINE.pem,
    "@key": MINE.key_pem,
    "@other-key": issue("other.example.com").key_pem,
    "@squeezed-key": "".join(MINE.key_pem.split()),
    "@two-keys": MINE.key_pem + issue().key_pem,
    "@changed-key": "\n".join(
        (_KEY_LINES[0], f"{_KEY_LINES[1][:50]}{_CHANGED}{_KEY_LINES[1][51:]}", *_KEY_LINES[2:])
    ),
    "@cut-base64-key": base64.b64encode(MINE.key_pem.encode()).decode()[:61],
    "@encrypted-key": _ENCRYPTED,
    "@squeezed-encrypted-key": "".join(_ENCRYPTED.split()),
    "@old-encrypted-key": key_pem(MINE.key, passphrase=_PASSPHRASE, traditional=True),
    "@cut-certificate": "".join(_LINES[:-2]),
    "@thinned-certificate": "".join(_LINES[:3] + _LINES[4:]),
    "@bare-certificate": "".join(_LINES[1:-1]),
    "@long-certificate": MINE.pem.replace(_LINES[1], _LINES[1] + _LINES[1]),
    "@bundle": MINE.pem + MINE.key_pem,
    "@root-certificate": _CHAIN[1].pem,
    "@chain-key": _CHAIN[0].key_pem,
    "@sha1": _SHA1,
    "@sha1-certificate": _SHA1.partition("-----BEGIN PRIVATE")[0],
    **_pair("expired", _issued(begins=-90, ends=-1)),
    **_pair("early", _issued(begins=1)),
    **_pair("short", _issued(rsa.generate_private_key(65537, 1024))),
    **_pair("curve", _issued(ec.generate_private_key(ec.SECP224R1()))),
    **_pair(
        "worn",
        issue(
            key=rsa.generate_private_key(65537, 1024),
            begins=_NOW - 90 * _DAY,
            ends=_NOW - _DAY,
            purposes=[ExtendedKeyUsageOID.CLIENT_AUTH],
        ),
    ),
    **_pair("edwards", _issued(ed25519.Ed25519PrivateKey.generate())),
    **_pair(
        "client",
        issue(
            begins=_NOW - _DAY, ends=_NOW + 90 * _DAY, purposes=[ExtendedKeyUsageOID.CLIENT_AUTH]
        ),
    ),
    **_pair(
        "server",
        issue(
            begins=_NOW - _DAY, ends=_NOW + 90 * _DAY, purposes=[ExtendedKeyUsageOID.SERVER_AUTH]
        ),
    ),
    "@ssh-rsa-1024": ssh_rsa(1024),
    "@ssh-rsa-16400": ssh_rsa(16400),
    "@ssh-ed25519-31": ssh_key("ssh-ed25519", bytes(31)),
    "@endless": "ssh-ed25519 " * 6000,
    "@keys-of-brass": "\U0001f511" * 128,
    "@later-join": join_string.format(JoinString((Seed("192.0.2.1"),), bytes(16), version=2)),
}


def answers_of(case: dict[str, dict[str, str]]) -> dict[str, str]:
    """A case's answers, with what is made here in the place of its stand-ins."""
    return {key: STAND_INS.get(text, text) for key, text in case["answers"].items()}
