"""PEM in the shapes that forms, editors and chats leave it in."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.values import pem
from tests.fakes.issuer import chain_of, issue, key_pem

CHAIN = chain_of(2)
TEXT = "".join(one.pem for one in CHAIN)
KEY = CHAIN[0].key_pem


def _columns(text: str, count: int) -> str:
    blocks = pem.split(text)
    found: list[str] = []
    for block in blocks:
        body = base64.b64encode(block.data).decode()
        lines = [body[start : start + count] for start in range(0, len(body), count)]
        found += [f"-----BEGIN {block.label}-----", *lines, f"-----END {block.label}-----"]
    return "\n".join(found)


SHAPES: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "old Mac": lambda text: text.replace("\n", "\r"),
    "on one line": lambda text: text.replace("\n", " "),
    "no blank at all": lambda text: "".join(text.split()),
    "backslash n": lambda text: text.replace("\n", "\\n"),
    "backslash r n": lambda text: text.replace("\n", "\\r\\n"),
    "indented": lambda text: text.replace("\n", "\n    "),
    "blank lines": lambda text: text.replace("\n", "\n\n"),
    "without the last line break": lambda text: text.rstrip(),
    "76 columns": lambda text: _columns(text, 76),
    "one long line a block": lambda text: _columns(text, 100_000),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 in lines": lambda text: base64.encodebytes(text.encode()).decode(),
    "base64 of CRLF": lambda text: base64.b64encode(text.replace("\n", "\r\n").encode()).decode(),
    "base64 without its filling": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "tabs": lambda text: text.replace("\n", "\t"),
    "blanks of a web page": lambda text: text.replace("\n", "\u00a0\n").replace(" ", "\u00a0"),
    "blanks of no width": lambda text: "\ufeff" + text.replace("\n", "\u200b\n"),
    "in quotes": lambda text: f'"{text}"',
    "with the parameters of its curve": lambda text: (
        f"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{text}"
    ),
    "with the remarks of openssl": lambda text: f"Bag Attributes\n  name: x\n{text}\ntrailing",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_becomes_the_same(shape: str) -> None:
    assert pem.parse_certificates(SHAPES[shape](TEXT)) == TEXT
    assert pem.parse_private_key(SHAPES[shape](KEY)) == KEY


@given(st.data())
def test_blanks_anywhere_in_the_body_are_no_part_of_it(data: st.DataObject) -> None:
    lines = KEY.splitlines()
    body = list("".join(lines[1:-1]))
    blanks = st.text("\t\r\n \u00a0\u200b\ufeff", min_size=1, max_size=5)
    for place in data.draw(st.lists(st.integers(0, len(body)), max_size=6)):
        body.insert(place, data.draw(blanks))
    assert pem.parse_private_key("\r\n".join((lines[0], "".join(body), lines[-1]))) == KEY


@given(st.text(), st.text(), st.text())
def test_text_around_and_between_is_passed_over(before: str, between: str, after: str) -> None:
    first, second = (one.pem for one in CHAIN)
    around = [text.replace("-", "").replace("LS0t", "") for text in (before, between, after)]
    mixed = f"{around[0]}\n{first}{around[1]}\n{second}{around[2]}"
    assert pem.parse_certificates(mixed) == TEXT


def test_a_certificate_given_twice_is_one() -> None:
    assert pem.parse_certificates(TEXT + CHAIN[0].pem) == TEXT


def test_keys_of_the_old_form_are_taken() -> None:
    old = key_pem(CHAIN[0].key, traditional=True)
    assert "BEGIN EC PRIVATE KEY" in old
    assert pem.parse_private_key("".join(old.split())) == old


@pytest.mark.parametrize("traditional", [False, True])
def test_an_encrypted_key_is_told_from_a_damaged_one(traditional: bool) -> None:
    locked = key_pem(issue().key, passphrase=b"not said", traditional=traditional)
    with pytest.raises(ValueError, match="is encrypted with a passphrase"):
        _ = pem.parse_private_key(locked)


@pytest.mark.parametrize("text", [TEXT[:-30], TEXT.replace("M", "?", 1), TEXT[:100] + TEXT[104:]])
def test_damage_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is damaged|is cut off"):
        _ = pem.parse_certificates(text)


def test_two_keys_are_one_too_many() -> None:
    with pytest.raises(ValueError, match="holds 2 private keys"):
        _ = pem.parse_private_key(KEY + issue().key_pem)


@given(st.data())
def test_no_part_of_a_key_is_ever_told(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(KEY)))
    end = data.draw(st.integers(start, len(KEY)))
    broken = KEY[:start] + KEY[end:]
    try:
        _ = pem.parse_private_key(broken)
    except ValueError as error:
        body = "".join(KEY.splitlines()[1:-1])
        said = str(error)
        assert not any(body[at : at + 8] in said for at in range(len(body) - 8))


def test_a_block_does_not_show_its_data() -> None:
    assert "bytes" in repr(pem.split(KEY)[0])
    assert KEY[40:60] not in repr(pem.split(KEY)[0])
