"""The hash that each boot makes: the same as hashlib's, and without OpenSSL."""

from __future__ import annotations

import hashlib
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from agent.digest import digest


@given(data=st.binary(max_size=300), key=st.binary(max_size=64))
def test_it_is_blake2b(data: bytes, key: bytes) -> None:
    assert digest(data, key) == hashlib.blake2b(data, key=key, digest_size=16).hexdigest()


def test_openssl_is_not_loaded_for_it() -> None:
    program = "import sys, agent.digest; print('_hashlib' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
