"""Passwords of the cluster's administrators, as hashes.

scrypt, since Python brings it: crypt(3), which has yescrypt, left Python with 3.13, and reaching
it by another program would need the password in a pipe for each log-in. It costs memory as well
as time, so that a stolen database is dear to guess on. What it takes to make a hash stands in it,
so that a later version may ask for more.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets

# 32 MiB a guess, since a small appliance is to bear some at once; OWASP has it for as good as
# 128 MiB with one lane.
_LOG2_COST, _BLOCK, _LANES = 15, 8, 3
_SALT_BYTES, _HASH_BYTES = 16, 32
# What a hash from elsewhere may ask of this machine.
_MOST_LOG2_COST, _MOST_BLOCK, _MOST_LANES = 18, 16, 16
_FORM = re.compile(r"\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]+)\$([\w+/]+)")


def hashed(password: str) -> str:
    """In the PHC string format, with a salt of its own."""
    salt = secrets.token_bytes(_SALT_BYTES)
    made = _scrypt(password, salt, _LOG2_COST, _BLOCK, _LANES)
    head = f"$scrypt$ln={_LOG2_COST},r={_BLOCK},p={_LANES}"
    return f"{head}${_encoded(salt)}${_encoded(made)}"


def is_password(password: str, stored: str) -> bool:
    """In constant time; False for what is no hash of ours."""
    found = _FORM.fullmatch(stored)
    if found is None:
        return False
    log2_cost, block, lanes = (int(number) for number in found.groups()[:3])
    most = (_MOST_LOG2_COST, _MOST_BLOCK, _MOST_LANES)
    if not all(
        1 <= asked <= limit for asked, limit in zip((log2_cost, block, lanes), most, strict=True)
    ):
        return False
    try:
        salt, wanted = (_decoded(part) for part in found.groups()[3:])
    except binascii.Error:
        return False
    return hmac.compare_digest(_scrypt(password, salt, log2_cost, block, lanes), wanted)


def _scrypt(password: str, salt: bytes, log2_cost: int, block: int, lanes: int) -> bytes:
    cost = 1 << log2_cost
    # OpenSSL refuses more than 32 MiB unless it is told; the lanes share one block of memory.
    memory_bytes = 128 * block * (cost + lanes + 2)
    return hashlib.scrypt(
        password.encode(),
        salt=salt,
        n=cost,
        r=block,
        p=lanes,
        maxmem=memory_bytes,
        dklen=_HASH_BYTES,
    )


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
