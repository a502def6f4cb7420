"""Passwords, crypt hashes and OpenSSH public keys as text and back."""

from __future__ import annotations

import binascii

_SHORTEST_PASSWORD = 8
_LONGEST_PASSWORD = 128
_LONGEST_SECRET = 512
_SHORTEST_RSA_BITS = 2048
_LENGTH_BYTES = 4

# By their id: how long the last field is.
_HASHES = {"y": 43, "gy": 43, "7": 43, "6": 86, "5": 43, "2a": 53, "2b": 53, "2y": 53}
_HASH_ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./$=,*-_")

_SSH_TYPES = (
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
)


def is_hash(password: str) -> bool:
    """Whether an accepted password is a crypt hash rather than clear text."""
    return _hash_id(password) is not None


def _hash_id(text: str) -> str | None:
    if not text.startswith("$") or text.count("$") < 3:
        return None
    name = text.split("$")[1]
    is_name = 0 < len(name) <= 2 and name.isascii() and name.isalnum()
    return name if is_name else None


def parse_password(text: str) -> str:
    """Clear text as it is, or a crypt hash of a kind that today's systems trust."""
    password = text.rstrip("\r\n")
    name = _hash_id(password)
    if name is not None:
        _check_hash(name, password)
        return password
    _check_clear(password)
    if len(password) < _SHORTEST_PASSWORD:
        raise ValueError(f"is shorter than {_SHORTEST_PASSWORD} characters")
    if len(password) > _LONGEST_PASSWORD:
        raise ValueError(f"is longer than {_LONGEST_PASSWORD} characters")
    return password


def _check_hash(name: str, text: str) -> None:
    if name not in _HASHES:
        raise ValueError("looks like a crypt hash of a kind that is too weak or not known")
    if not _HASH_ALPHABET.issuperset(text):
        raise ValueError("looks like a crypt hash with characters that no hash has")
    if len(text.rpartition("$")[2]) != _HASHES[name]:
        raise ValueError("looks like a crypt hash that was cut short, or has too much in it")


def parse_clear_password(text: str) -> str:
    password = text.rstrip("\r\n")
    _check_clear(password)
    if len(password) > _LONGEST_SECRET:
        raise ValueError(f"is longer than {_LONGEST_SECRET} characters")
    return password


def _check_clear(password: str) -> None:
    if not password:
        raise ValueError("is blank")
    if any(character < " " or character == "\x7f" for character in password):
        raise ValueError("has line breaks or control characters, which nobody can type")
    try:
        _ = password.encode()
    except UnicodeEncodeError:
        raise ValueError("has characters that are not text") from None


def parse_ssh_keys(text: str) -> tuple[str, ...]:
    """Each key as `type base64 comment`, once; line breaks between keys may have been lost."""
    if "PRIVATE KEY" in text:
        raise ValueError("is a private key; it stays with you, the public one (.pub) goes here")
    keys = [_parse_key(words) for words in _split_keys(text)]
    if not keys:
        raise ValueError("holds no key")
    # The type and the key proper make it the same one, whatever the comment.
    return tuple({tuple(key.split()[:2]): key for key in keys}.values())


def format_ssh_keys(keys: tuple[str, ...]) -> str:
    return "\n".join(keys)


def _split_keys(text: str) -> list[list[str]]:
    """The words of each key: a new line or a type begins one."""
    found: list[list[str]] = []
    for line in text.replace("\\n", "\n").splitlines():
        words = line.strip().strip(",;").split()
        if not words or words[0].startswith("#"):
            continue
        found.append([])
        for word in words:
            if word in _SSH_TYPES and found[-1]:
                found.append([])
            found[-1].append(word)
    return found


def _parse_key(words: list[str]) -> str:
    kind, blob, comment = words[0], "".join(words[1:2]).rstrip(",;"), " ".join(words[2:])
    if kind not in _SSH_TYPES:
        raise ValueError(f"has a line that begins with {kind[:40]!r} instead of the key's type")
    if not comment.isprintable():
        raise ValueError(f"has a key ({kind}) whose comment cannot be printed")
    fields = _fields(blob)
    if not fields or fields[0] != kind.encode():
        raise ValueError(f"has a key ({kind}) that is incomplete or damaged")
    _check_strength(kind, fields)
    return f"{kind} {blob} {comment}".rstrip()


def _fields(blob: str) -> list[bytes]:
    """The length-prefixed fields of RFC 4253; none when they do not add up."""
    try:
        data = binascii.a2b_base64(blob, strict_mode=True)
    except (ValueError, binascii.Error):
        return []
    fields: list[bytes] = []
    while data:
        length = int.from_bytes(data[:_LENGTH_BYTES], "big")
        field, data = data[_LENGTH_BYTES : _LENGTH_BYTES + length], data[_LENGTH_BYTES + length :]
        if len(field) != length:
            return []
        fields.append(field)
    return fields


# The type itself; then key, or exponent and modulus, or curve and point; sk- adds an application.
_FIELD_COUNTS: dict[str, int] = dict(zip(_SSH_TYPES, (2, 3, 3, 3, 3, 3, 4), strict=True))


def _check_strength(kind: str, fields: list[bytes]) -> None:
    if len(fields) != _FIELD_COUNTS[kind]:
        raise ValueError(f"has a key ({kind}) that is incomplete or damaged")
    bits = int.from_bytes(fields[-1], "big").bit_length()
    if kind == "ssh-rsa" and bits < _SHORTEST_RSA_BITS:
        raise ValueError(f"has an RSA key of {bits} bits; {_SHORTEST_RSA_BITS} are needed at least")
