"""Passwords, crypt hashes and OpenSSH public keys as text and back."""

from __future__ import annotations

import binascii

from agent.values.words import is_private_key, together

_SHORTEST_PASSWORD = 8
_LONGEST_PASSWORD = 128
# One more, and crypt(3) makes no hash of it, whatever the form had taken.
_LONGEST_PASSWORD_BYTES = 511
_LONGEST_SECRET = 512
_SHORTEST_RSA_BITS = 2048
_LONGEST_RSA_BITS = 16384
_LENGTH_BYTES = 4

# By their id: how long the last field is.
_HASHES = {"y": 43, "gy": 43, "7": 43, "6": 86, "5": 43, "2a": 53, "2b": 53, "2y": 53}
_HASH_ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./$=,*-_")
# Of other systems, which nobody types by chance.
_FOREIGN_HASHES = ("$argon2", "$apr1$", "$sha1$", "$sm3$", "$pbkdf2", "$scrypt$")
# How many fields follow the id; one more in SHA's, where the rounds are said.
_FIELDS = {"y": 3, "gy": 3, "7": 2, "6": 2, "5": 2, "2a": 2, "2b": 2, "2y": 2}
_SHA = ("5", "6")
_LONGEST_SHA_SALT = 16
_SHA_ROUNDS = (1000, 999_999_999)
_BCRYPT_COSTS = (4, 31)
# What stands around a hash in /etc/shadow, in LDAP and in quotes.
_AROUND_HASH = " '\"!*"

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
    if password.startswith(_FOREIGN_HASHES) and password.count("$") > 2:
        raise ValueError("looks like a crypt hash of a kind that is too weak or not known")
    if any(_is_whole_hash(part) for part in password.split(":")):
        raise ValueError("holds a crypt hash with something around it; the hash alone is wanted")
    if len(password) > _LONGEST_PASSWORD:
        raise ValueError(f"is longer than {_LONGEST_PASSWORD} characters")
    if len(password.encode()) > _LONGEST_PASSWORD_BYTES:
        raise ValueError(f"is longer than {_LONGEST_PASSWORD_BYTES} bytes")
    return password


def _is_whole_hash(text: str) -> bool:
    """Whether, from its first dollar sign on, it is a hash that could be used."""
    found = text[text.find("$") :].strip(_AROUND_HASH) if "$" in text else ""
    name = _hash_id(found)
    try:
        _check_hash(name or "", found)
    except ValueError:
        return False
    return True


def _check_hash(name: str, text: str) -> None:
    """A hash that is wrong in its form is one that no password ever opens."""
    if name not in _HASHES:
        raise ValueError("looks like a crypt hash of a kind that is too weak or not known")
    if not _HASH_ALPHABET.issuperset(text):
        raise ValueError("looks like a crypt hash with characters that no hash has")
    fields = text.split("$")[2:]
    if name in _SHA and fields[0].startswith("rounds="):
        _check_number(fields.pop(0).removeprefix("rounds="), _SHA_ROUNDS, "number of rounds")
    if len(fields) != _FIELDS[name] or len(fields[-1]) != _HASHES[name]:
        raise ValueError("looks like a crypt hash that was cut short, or has too much in it")
    if name in _SHA and len(fields[0]) > _LONGEST_SHA_SALT:
        raise ValueError(
            f"looks like a crypt hash, with a salt over {_LONGEST_SHA_SALT} characters"
        )
    if name.startswith("2"):
        _check_number(fields[0], _BCRYPT_COSTS, "cost")


def _check_number(text: str, limits: tuple[int, int], what: str) -> None:
    least, most = limits
    is_number = text.isdigit() and len(text) <= len(str(most))
    if not (is_number and least <= int(text) <= most):
        raise ValueError(f"looks like a crypt hash, but its {what} is not from {least} to {most}")


def parse_clear_password(text: str) -> str:
    password = text.rstrip("\r\n")
    _check_clear(password)
    if len(password) > _LONGEST_SECRET:
        raise ValueError(f"is longer than {_LONGEST_SECRET} characters")
    return password


def _check_clear(password: str) -> None:
    if not password:
        raise ValueError("is blank")
    if not password.isprintable():
        raise ValueError("has line breaks, control or invisible characters, which nobody can type")


def parse_ssh_keys(text: str) -> tuple[str, ...]:
    """Each key as `type base64 comment`, once; line breaks between keys may have been lost."""
    if is_private_key(text):
        raise ValueError("is a private key; it stays with you, the public one (.pub) goes here")
    keys: list[str] = []
    wrong: dict[str, None] = {}
    for words in _split_keys(text):
        try:
            keys.append(_parse_key(words))
        except ValueError as error:
            wrong[str(error)] = None
    if wrong:
        raise ValueError(together(tuple(wrong)))
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
# Which field is the public point, and its length: a byte for its form, but for Ed25519's.
_POINT: dict[str, int] = dict(zip(_SSH_TYPES, (1, 2, 2, 2, 2, 1, 2), strict=True))
_POINT_BYTES: dict[str, int] = dict(zip(_SSH_TYPES, (32, 0, 65, 97, 133, 32, 65), strict=True))


def _check_strength(kind: str, fields: list[bytes]) -> None:
    if len(fields) != _FIELD_COUNTS[kind]:
        raise ValueError(f"has a key ({kind}) that is incomplete or damaged")
    if kind == "ssh-rsa":
        _check_rsa(int.from_bytes(fields[-1], "big").bit_length())
    elif len(fields[_POINT[kind]]) != _POINT_BYTES[kind]:
        raise ValueError(f"has a key ({kind}) that is incomplete or damaged")


def _check_rsa(bits: int) -> None:
    if bits < _SHORTEST_RSA_BITS:
        raise ValueError(f"has an RSA key of {bits} bits; {_SHORTEST_RSA_BITS} are needed at least")
    if bits > _LONGEST_RSA_BITS:
        raise ValueError(f"has an RSA key of {bits} bits; sshd takes {_LONGEST_RSA_BITS} at most")
