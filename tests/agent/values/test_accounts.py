"""Passwords, hashes and SSH keys."""

from __future__ import annotations

import base64

import pytest

from agent.values import accounts

ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPtw5aLRFDtTUhYtYfjRGHqTe9LRe9W7OZaCQl5dSnIT"
YESCRYPT = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$tnSYvahCwPBHKZUspmcxMfb0.WiB9W.zEaKlOBL35rC"
SHA512 = "$6$saltsalt$" + "a" * 86
BCRYPT = "$2b$12$" + "a" * 53
SCRYPT = "$7$CU..../....saltsaltsalt$" + "a" * 43
ROUNDS = "$5$rounds=10000$saltsalt$" + "a" * 43


def _rsa(bits: int) -> str:
    fields = (b"ssh-rsa", b"\x01\x00\x01", b"\0" + (1 << (bits - 1)).to_bytes(bits // 8, "big"))
    blob = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    return f"ssh-rsa {base64.b64encode(blob).decode()}"


@pytest.mark.parametrize("text", [YESCRYPT, SHA512, BCRYPT, SCRYPT, ROUNDS])
def test_hashes_are_taken_as_they_are(text: str) -> None:
    assert accounts.parse_password(text) == text
    assert accounts.is_hash(text)


@pytest.mark.parametrize(
    "text",
    [
        "correct horse",
        ' "quoted" ',
        "p&ss<w>rd",
        "$ecretly$",
        "$md5,rounds=5$abc$def",
        "$5 or $6 more",
        "pässwörd✓",
        "x" * 128,
        "\U0001f511" * 127,
        "a:b:c:d$6$e",
    ],
)
def test_clear_text_is_taken_as_it_is(text: str) -> None:
    assert accounts.parse_password(text) == text
    assert not accounts.is_hash(text)


def test_the_line_break_of_a_file_is_no_part_of_a_password() -> None:
    assert accounts.parse_password("correct horse\r\n") == "correct horse"


@pytest.mark.parametrize(
    "text",
    [
        "hunter2",
        "x" * 129,
        "tab\tinside it",
        "nul\0inside",
        YESCRYPT[:-1],
        "$1$abcdefgh$" + "a" * 22,
        SHA512.replace("salt", "sa:t"),
        "\ud800 surrogate",
        "\u2028 line separator",
        "\ufeffbyte order mark",
        "\U0001f511" * 128,
        f"'{YESCRYPT}'",
        f"{YESCRYPT} ",
        f"root:{BCRYPT}:20000::::::",
        ROUNDS.replace("10000", "999"),
        ROUNDS.replace("10000", "²000"),
        SCRYPT.replace("$CU", "$$CU"),
        "$apr1$saltsalt$" + "a" * 22,
    ],
)
def test_passwords_that_are_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError, match="is |has |looks") as refused:
        _ = accounts.parse_password(text)
    assert text not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        f"{ED25519} me@x\n{_rsa(2048)} you",
        f"{ED25519} me@x {_rsa(2048)} you",
        f"# mine\r\n{ED25519}   me@x\r\n\r\n{_rsa(2048)} you\r\n",
        f"{ED25519} me@x\\n{_rsa(2048)} you",
        f"{ED25519} me@x;\n{_rsa(2048)} you,",
        f"{ED25519} me@x\n{_rsa(2048)} you\n{ED25519} me@x",
    ],
)
def test_keys_become_one_a_line(text: str) -> None:
    assert accounts.parse_ssh_keys(text) == (f"{ED25519} me@x", f"{_rsa(2048)} you")


def test_one_key_under_two_comments_is_one() -> None:
    assert len(accounts.parse_ssh_keys(f"{ED25519} a\n{ED25519} b")) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (_rsa(1024), "1024 bits; 2048 are needed"),
        ("ssh-dss AAAAB3NzaC1kc3MAAACBAP", "'ssh-dss'"),
        (f'command="/bin/true" {ED25519}', "instead of the key's type"),
        ("ssh-ed25519", "incomplete"),
        (ED25519.replace("PtW", "ptw")[:-4] + "====", "incomplete"),
        (f"{ED25519} \x1b[31m", "comment cannot be printed"),
        ("# only a remark", "holds no key"),
    ],
)
def test_keys_that_are_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match="key|line") as refused:
        _ = accounts.parse_ssh_keys(text)
    assert says in str(refused.value)
