"""A stick in FAT that holds an answers file, by the label under which a node looks for it."""

from __future__ import annotations

from pathlib import Path

from tests.lab.call import call

LABEL = "BANDSTAND"
_SECTORS = 4096


def stick(folder: Path, answers: str, *, name: str = "answers.yaml") -> Path:
    """The image of one with this text."""
    image = folder / "stick.img"
    image.unlink(missing_ok=True)
    call("mformat", "-C", "-T", str(_SECTORS), "-v", LABEL, "-i", str(image), "::")
    file = folder / name
    file.write_text(answers, encoding="utf-8")
    call("mcopy", "-i", str(image), str(file), f"::{name}")
    return image
