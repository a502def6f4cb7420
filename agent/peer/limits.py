"""How often one address may ask: a bucket of tokens each, forgotten when full again."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from agent.system.clock import Clock

_MOST_ADDRESSES = 4096


@dataclass
class Bucket:
    """What is left, as of a moment."""

    left: float
    at_s: float


@dataclass
class Limit:
    """`per_s` tries a second, `burst` of them at once."""

    clock: Clock
    per_s: float
    burst: float
    _buckets: OrderedDict[str, Bucket] = field(default_factory=OrderedDict[str, Bucket])

    def allows(self, address: str) -> bool:
        now_s = self.clock.monotonic_s()
        bucket = self._buckets.pop(address, Bucket(self.burst, now_s))
        left = min(self.burst, bucket.left + (now_s - bucket.at_s) * self.per_s)
        is_allowed = left >= 1
        self._buckets[address] = Bucket(left - 1 if is_allowed else left, now_s)
        while len(self._buckets) > _MOST_ADDRESSES:
            _ = self._buckets.popitem(last=False)
        return is_allowed
