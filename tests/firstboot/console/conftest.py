"""On the image's own Python there is no terminal emulator: there the screen is tested as drawn."""

from __future__ import annotations

try:
    import pyte as _emulator  # noqa: F401  # pyright: ignore[reportUnusedImport]
except ModuleNotFoundError:
    collect_ignore = ["test_program.py", "test_typing.py"]
