"""The door to PAM, against a stand-in of the library: what is asked of it, and what its answer is.

That it works with the real one is for a node: it takes root, an account and /etc/pam.d.
"""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from agent.errors import BandstandError
from agent.system.pam import check

AUTH_ERR, PERM_DENIED, NEW_AUTHTOK_REQD, OPEN_ERR = 7, 6, 12, 1


class Library:
    """Lets one password in; everything else gets `code`."""

    def __init__(self, code: int = AUTH_ERR) -> None:
        self.code, self.reason = code, "a reason"
        self.asked: list[tuple[str, str, str]] = []

    def authenticate(self, user: str, password: str, *, service: str, resetcreds: bool) -> bool:
        assert not resetcreds
        self.asked.append((user, password, service))
        return password == "correct horse"


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    found = Library()
    module = ModuleType("pam")
    module.__dict__.update(vars(SimpleNamespace(PamAuthenticator=lambda: found)))
    monkeypatch.setitem(sys.modules, "pam", module)
    return found


def test_it_asks_our_own_service(library: Library) -> None:
    assert check("admin", "correct horse")
    assert not check("admin", "wrong")
    assert library.asked == [
        ("admin", "correct horse", "bandstand"),
        ("admin", "wrong", "bandstand"),
    ]


@pytest.mark.parametrize("password", ["", "a\0b", "x" * 512, "ä" * 256])
def test_what_cannot_be_one_is_not_asked(library: Library, password: str) -> None:
    assert not check("admin", password)
    assert library.asked == []


def test_a_refusal_is_no_trouble(library: Library) -> None:
    library.code = PERM_DENIED
    assert not check("admin", "wrong")


@pytest.mark.parametrize("code", [NEW_AUTHTOK_REQD, OPEN_ERR])
def test_what_is_not_about_the_password_is_an_error_without_it(library: Library, code: int) -> None:
    library.code = code
    with pytest.raises(BandstandError, match="cannot be judged: a reason") as caught:
        check("admin", "hunter2")
    assert caught.value.code == "pam"
    assert "hunter2" not in caught.value.message + caught.value.hint
