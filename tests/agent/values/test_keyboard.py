"""Keymaps by their own names and by those that people know."""

from __future__ import annotations

import pytest

from agent.values.keyboard import keymaps, parse_keyboard


@pytest.mark.parametrize(
    ("text", "keymap"),
    [
        ("US", "us"),
        ("gb", "uk"),
        ("ch", "sg-latin1"),
        ("fr_ch", "fr_CH"),
        ("de latin1", "de-latin1"),
    ],
)
def test_a_keymap_is_known_by_more_than_one_name(text: str, keymap: str) -> None:
    assert parse_keyboard(text) == keymap


def test_every_keymap_is_itself() -> None:
    assert all(parse_keyboard(keymap) == keymap for keymap in keymaps())
    assert len(set(keymaps())) == len(keymaps())
    assert not [keymap for keymap in keymaps() if "/" in keymap or keymap.startswith(("-", "."))]
