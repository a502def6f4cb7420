"""The cluster key: the standing credential of a fleet, in the form of a join string without seeds.

So it has the same 128 random bits, check characters in each group and alphabet, and with the seeds
that are given beside it, it is a join string to all that joins by one.
"""

from __future__ import annotations

from agent.values import join_string
from agent.values.join_string import MOST_GIVEN_SEEDS, JoinString, Seed
from agent.values.words import parse_each


def format(secret: bytes) -> str:
    return join_string.pack(JoinString((), secret))


def parse(text: str) -> bytes:
    """The secret; ValueError says which group is wrong, or that it is a join string."""
    try:
        found = join_string.unpack(text)
    except ValueError as error:
        raise ValueError(str(error).replace("join string", "cluster key")) from None
    if found.seeds:
        raise ValueError("is a join string, which goes into cluster.join, alone")
    return found.secret


def normalise(text: str) -> str:
    """The same cluster key as it is generated; raises ValueError as `parse` does."""
    return format(parse(text))


def parse_seeds(text: str) -> tuple[Seed, ...]:
    """Each once, in the order given; raises ValueError."""
    seeds = parse_each(text, join_string.parse_seed)
    if not seeds:
        raise ValueError("is blank")
    if len(seeds) > MOST_GIVEN_SEEDS:
        raise ValueError(f"has {len(seeds)} seeds, and {MOST_GIVEN_SEEDS} are enough")
    return seeds
