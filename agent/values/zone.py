"""Time zones as text and back."""

from __future__ import annotations

_DEFAULT = "Etc/UTC"
_UNIVERSAL = ("utc", "etc/utc", "uct", "zulu", "z")


def parse_zone(text: str) -> str:
    """The name that the distribution knows the zone by, whatever its case or age."""
    asked = "_".join(text.split()).lower()
    if asked in _UNIVERSAL:
        return _DEFAULT
    found = _zones().get(asked)
    if found is None:
        raise ValueError("is not a time zone")
    return found


def zone_names() -> tuple[str, ...]:
    """Every zone that can be chosen, sorted."""
    return tuple(sorted(set(_zones().values())))


def _zones() -> dict[str, str]:
    # Only a node that names a zone pays for the table.
    from agent.values.zones import BARE, FORMER, REGIONS

    names = BARE.split()
    region = ""
    for word in REGIONS.split():
        if word.endswith(":"):
            region = word.removesuffix(":")
        else:
            names.append(f"{region}/{word}")
    zones = {name.lower(): name for name in names}
    for pair in FORMER.split():
        former, _, today = pair.partition("=")
        zones[former.lower()] = today
    return zones
