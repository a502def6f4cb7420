"""Hashes that each boot makes, by what the interpreter brings itself.

`hashlib` would map OpenSSL's library for them, which is dearer than all that is hashed here.
"""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:  # An interpreter that was built without it.
    from hashlib import blake2b

_BYTES = 16


def digest(data: bytes, key: bytes = b"") -> str:
    """BLAKE2b of 128 bits in hex, with a `key` of at most 64 bytes where one is given."""
    return blake2b(data, key=key, digest_size=_BYTES).hexdigest()
