"""PEM as people paste it, mended: one line, CRLF, spaces, base64 of it all. No cryptography."""

from __future__ import annotations

import binascii
from dataclasses import dataclass

_BEGIN = "-----BEGIN"
_END = "-----END"
_DASHES = "-----"
_COLUMNS = 64
_BASE64_OF_BEGIN = "LS0tLS1CRUdJTi"
_CERTIFICATES = ("CERTIFICATE", "X509 CERTIFICATE")
_KEYS = ("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY")
PUBLIC_KEY = "PUBLIC KEY"
_LOCKED = "ENCRYPTED PRIVATE KEY"
_SSH = "OPENSSH PRIVATE KEY"
# A label that is none of these is not repeated to anybody: it may be a part of a key.
_NAMED = (*_CERTIFICATES, *_KEYS, PUBLIC_KEY, "CERTIFICATE REQUEST", "PKCS7", "X509 CRL")
# By what is left of them where every blank was lost.
_WITH_DATA = (*_CERTIFICATES, *_KEYS, _LOCKED, _SSH, PUBLIC_KEY)
_LABELS = {label.replace(" ", ""): label for label in _WITH_DATA}
_SEQUENCE = 0x30
# Zero-width blanks and byte order marks, which web pages and editors put in.
_INVISIBLE: dict[int, None] = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))


@dataclass(frozen=True)
class Block:
    """One PEM block; `data` is its DER."""

    label: str
    data: bytes

    def __repr__(self) -> str:
        return f"Block({self.label!r}, {len(self.data)} bytes)"

    def __str__(self) -> str:
        text = binascii.b2a_base64(self.data, newline=False).decode()
        lines = [text[start : start + _COLUMNS] for start in range(0, len(text), _COLUMNS)]
        return "\n".join(
            (f"{_BEGIN} {self.label}{_DASHES}", *lines, f"{_END} {self.label}{_DASHES}")
        )


def parse_certificates(text: str) -> str:
    """The certificates in the order given, each once, in clean PEM."""
    blocks = split(text)
    if any(is_key(block) for block in blocks):
        raise ValueError("holds a private key; that belongs into the setting for the key alone")
    chosen = {block.data: block for block in blocks if block.label in _CERTIFICATES}
    if not chosen:
        raise ValueError(f"holds no certificate{_instead(blocks)}")
    return "".join(f"{Block('CERTIFICATE', data)}\n" for data in chosen)


def parse_private_key(text: str) -> str:
    """The one private key, in clean PEM."""
    blocks = split(text)
    if any(block.label == _LOCKED for block in blocks):
        raise ValueError("is encrypted with a passphrase, and nobody is there to type it")
    if any(block.label == _SSH for block in blocks):
        raise ValueError("is an SSH key, not a key of a certificate")
    keys = [block for block in blocks if block.label in _KEYS]
    if not keys:
        raise ValueError(f"holds no private key{_instead(blocks)}")
    if len(keys) > 1:
        raise ValueError(f"holds {len(keys)} private keys instead of one")
    return f"{keys[0]}\n"


def is_key(block: Block) -> bool:
    return block.label.endswith("PRIVATE KEY")


def _instead(blocks: tuple[Block, ...]) -> str:
    found = ", ".join(dict.fromkeys(block.label for block in blocks if block.label in _NAMED))
    return f", but: {found}" if found else ""


def split(text: str) -> tuple[Block, ...]:
    """Every block of a text; what stands between them is passed over."""
    rest = text.translate(_INVISIBLE).replace("\\r", "").replace("\\n", "\n")
    rest = _without_outer_base64(rest)
    blocks: list[Block] = []
    while _BEGIN in rest:
        label, _, rest = rest.partition(_BEGIN)[2].partition(_DASHES)
        body, _, rest = rest.partition(_END)
        end, ended, rest = rest.partition(_DASHES)
        if not ended or end.split() != label.split():
            raise ValueError("is cut off: a BEGIN line has no END line")
        blocks.append(_block(_LABELS.get("".join(label.split()), label.strip()), body))
    if not blocks:
        raise ValueError("is not PEM: there is no BEGIN line")
    return tuple(blocks)


def _without_outer_base64(text: str) -> str:
    packed = "".join(text.split())
    if not packed.startswith(_BASE64_OF_BEGIN):
        return text
    # Some tools leave out what fills the last four characters up.
    packed = packed.rstrip("=")
    packed += "=" * (-len(packed) % 4)
    try:
        return binascii.a2b_base64(packed, strict_mode=True).decode("ascii")
    except (ValueError, binascii.Error):
        raise ValueError("is base64 of PEM, but incomplete or damaged") from None


def _block(label: str, body: str) -> Block:
    if label not in _LABELS.values():
        # Told by its label alone: `openssl ecparam` writes one before each key that it makes.
        return Block(label, b"")
    # RFC 1421 headers stand before the data; only encrypted keys of the old form have them.
    if "ENCRYPTED" in body:
        raise ValueError("is encrypted with a passphrase, and nobody is there to type it")
    try:
        data = binascii.a2b_base64("".join(body.split()), strict_mode=True)
    except (ValueError, binascii.Error):
        raise ValueError("is damaged: what stands in a block is not base64") from None
    if not _is_whole(data):
        raise ValueError("is damaged: a block was cut short, or has too much in it")
    return Block(label, data)


def _is_whole(data: bytes) -> bool:
    """Whether this is one DER sequence that ends where it says, as every X.509 thing is."""
    if len(data) < 2 or data[0] != _SEQUENCE:
        return False
    length, start = data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    return len(data) == start + length
