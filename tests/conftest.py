"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# Time on a shared machine says nothing about the code; the same examples every time, in CI too.
settings.register_profile("bandstand", deadline=None, derandomize=True)
settings.load_profile("bandstand")
