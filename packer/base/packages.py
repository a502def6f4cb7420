"""The list of packages, which is data with a reason each."""

from __future__ import annotations

from pathlib import Path

from agent.errors import UsageError
from packer.place import read_toml

LIST = Path(__file__).parent / "packages.toml"


def wanted(path: Path = LIST) -> tuple[str, ...]:
    """The names in their order. Raises UsageError for one without a reason, or there twice."""
    names: list[str] = []
    for group, rows in read_toml(path).items():
        for name, reason in rows.items():
            if not str(reason).strip():
                raise UsageError(
                    f"{path.name}: {name} in [{group}] has no reason; say why it is there"
                )
            if name in names:
                raise UsageError(f"{path.name}: {name} is there twice; leave one")
            names.append(name)
    return tuple(names)
