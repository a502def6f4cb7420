"""Where the build reads, keeps and leaves its things."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"


def cache_folder() -> Path:
    """The user's cache of downloads and built stages (XDG)."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "bandstand"


def read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def project() -> dict[str, Any]:
    """The project table of pyproject.toml: name, version, dependencies."""
    return dict(read_toml(ROOT / "pyproject.toml")["project"])
