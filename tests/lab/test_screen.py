"""Text through the console's font into a picture, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.lab import screen
from tests.lab.call import LabError

pytestmark = pytest.mark.outside  # the font is that of the machine's QEMU

_TEXT = ("node-1  https://10.77.0.11/cluster", "│ State ─┐ 0O1lIMVWXxmvw~`|• █")


@pytest.mark.parametrize(("width", "height", "cell"), [(1280, 800, 8), (720, 400, 9)])
def test_what_was_drawn_is_read(tmp_path: Path, width: int, height: int, cell: int) -> None:
    picture = Image.new("RGB", (width, height), (0, 0, 170))
    glyphs = {letter: bitmap for bitmap, letter in screen.font().items()}
    for line, text in enumerate(_TEXT):
        for column, letter in enumerate(text):
            _draw(picture, glyphs[letter], column * cell, line * 16)
    picture.save(tmp_path / "a.png")
    seen = screen.read(tmp_path / "a.png")
    assert seen.unknown == 0
    assert [row.rstrip() for row in seen.rows[:2]] == [
        text.replace("█", " ").rstrip() for text in _TEXT
    ]


@pytest.mark.parametrize(("width", "height", "cell"), [(1280, 800, 8), (720, 400, 9)])
def test_the_colours_of_words_are_read(tmp_path: Path, width: int, height: int, cell: int) -> None:
    picture = Image.new("RGB", (width, height), (0, 0, 170))
    glyphs = {letter: bitmap for bitmap, letter in screen.font().items()}
    for column, letter in enumerate("State: well"):
        _draw(picture, glyphs[letter], column * cell, 48)
    picture.save(tmp_path / "a.png")
    assert screen.colours(tmp_path / "a.png", "well") == ("yellow", "dark blue")
    with pytest.raises(LabError, match="nowhere"):
        _ = screen.colours(tmp_path / "a.png", "bad")


def test_what_is_not_to_be_kept_is_painted_over(tmp_path: Path) -> None:
    picture = Image.new("RGB", (1280, 800), (0, 0, 170))
    glyphs = {letter: bitmap for bitmap, letter in screen.font().items()}
    for column, letter in enumerate("Code K7QF-2M9T, SHA-256"):
        _draw(picture, glyphs[letter], column * 8, 32)
    picture.save(tmp_path / "a.png")
    assert screen.hide(tmp_path / "a.png", r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b") == 1
    assert " ".join(screen.read(tmp_path / "a.png").rows[2].split()) == "Code , SHA-256"
    assert screen.hide(tmp_path / "a.png", "K7QF") == 0


def test_what_is_no_letter_is_said_to_be_none(tmp_path: Path) -> None:
    picture = Image.new("RGB", (1280, 800))
    _draw(picture, bytes.fromhex("01800180ff00aa5501fe55aa33cc1248"), 8, 16)
    picture.save(tmp_path / "a.png")
    assert screen.read(tmp_path / "a.png").rows[1][1] == screen.UNKNOWN


def _draw(picture: Image.Image, bitmap: bytes, left: int, top: int) -> None:
    for y, bits in enumerate(bitmap):
        for x in range(8):
            if bits >> (7 - x) & 1:
                picture.putpixel((left + x, top + y), (255, 255, 85))
