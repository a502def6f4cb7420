"""The seed's nonces of contacts under way: each good once, and for a short time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from agent.cluster.proof import new_nonce
from agent.system.clock import Clock

_LIFE_S = 120
_MOST = 1000


@dataclass(frozen=True)
class Contact:
    """A hello that was answered."""

    token: str
    joiner_nonce: str
    at_s: float


@dataclass
class Nonces:
    """Bounded: where strangers say hello without end, the oldest contact is forgotten."""

    clock: Clock
    _open: OrderedDict[str, Contact] = field(default_factory=OrderedDict[str, Contact])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def issue(self, token: str, joiner_nonce: str) -> str:
        nonce = new_nonce()
        with self._lock:
            self._open[nonce] = Contact(token, joiner_nonce, self.clock.monotonic_s())
            while len(self._open) > _MOST:
                _ = self._open.popitem(last=False)
        return nonce

    def take(self, nonce: str) -> Contact | None:
        """The contact of a nonce, which is used up by this."""
        with self._lock:
            found = self._open.pop(nonce, None)
        if found is None or self.clock.monotonic_s() - found.at_s > _LIFE_S:
            return None
        return found
