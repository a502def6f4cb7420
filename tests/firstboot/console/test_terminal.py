"""What is kept from urwid's reading of keys."""

from __future__ import annotations

import pytest
from urwid.display import raw

from firstboot.console.terminal import Screen, with_few_esc, without_mouse, without_places


@pytest.mark.parametrize(
    ("read", "kept"),
    [
        (b"", b""),
        (b"a\x1b[Mb\x1b[<1;2Mc", b"ab1;2Mc"),
        (b"\x1b[A\x1b[M\x1b[B", b"\x1b[A\x1b[B"),
    ],
)
def test_no_report_of_a_mouse_comes_through(read: bytes, kept: bytes) -> None:
    assert bytes(without_mouse(list(read))) == kept


@pytest.mark.parametrize(
    ("read", "kept"),
    [
        (b"", b""),
        (b"\x1b\x1b\x1b[A", b"\x1b\x1b\x1b[A"),
        (b"\x1b" * 5000 + b"[Ax" + b"\x1b" * 9, b"\x1b" * 8 + b"[Ax" + b"\x1b" * 8),
    ],
)
def test_of_many_escapes_in_a_row_a_few_do(read: bytes, kept: bytes) -> None:
    assert bytes(with_few_esc(list(read))) == kept


@pytest.mark.parametrize(("begun", "kept"), [(3, 3), (64, 64), (65, 0), (5000, 0)])
def test_a_sequence_longer_than_any_is_not_read_anew_for_ever(
    monkeypatch: pytest.MonkeyPatch, begun: int, kept: int
) -> None:
    def read(screen: Screen) -> list[int]:
        return [*screen._partial_codes, 66]

    monkeypatch.setattr(raw.Screen, "get_available_raw_input", read)
    screen = Screen()
    screen._partial_codes = [65] * begun

    assert screen.get_available_raw_input() == [*[65] * kept, 66]


@pytest.mark.parametrize(
    ("read", "kept"),
    [
        (b"a\x1b[5;5Rb", b"ab"),
        (b"\x1b\x1b[12;80R\x1b[A", b"\x1b[A"),
        (b"\x1b[5;5", b"\x1b[5;5"),
        (b"[5;5R", b"[5;5R"),
        (b"\xff\x1b[1;5C", b"\xff\x1b[1;5C"),
    ],
)
def test_nor_does_one_of_the_cursors_place(read: bytes, kept: bytes) -> None:
    assert bytes(without_places(list(read))) == kept
