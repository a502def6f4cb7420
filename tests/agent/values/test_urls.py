"""URLs: parts that are hosts and ports, credentials that survive and stay hidden."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.values.urls import (
    has_credentials,
    parse_mirror,
    parse_proxy,
    parse_syslog,
    split,
)
from agent.values.words import concealed

PIECES = [
    "http",
    "https",
    "tls",
    "://",
    ":",
    "//",
    "/",
    "@",
    "[",
    "]",
    "::1",
    "%",
    "a",
    "é",
    ".",
    "9",
]
any_text = st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text()
typed = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("proxy.example.com:3128", "http://proxy.example.com:3128"),
        ("HTTP://Proxy.Example.COM:3128/", "http://proxy.example.com:3128"),
        ("https://[2001:DB8:0::1]:3128", "https://[2001:db8::1]:3128"),
        ("http://127.0.0.1:3128", "http://127.0.0.1:3128"),
        ("deploy:p@ss:w/rd@proxy:3128", "http://deploy:p%40ss%3Aw%2Frd@proxy:3128"),
        ("http://deploy:p%40ss@proxy", "http://deploy:p%40ss@proxy"),
        ("http://deploy:100%@proxy", "http://deploy:100%25@proxy"),
        ("http://deploy@proxy", "http://deploy@proxy"),
    ],
)
def test_a_proxy_has_one_normal_form(text: str, normal: str) -> None:
    assert parse_proxy(text) == normal
    assert parse_proxy(normal) == normal


def test_a_mirror_keeps_its_path_without_the_last_slash() -> None:
    assert parse_mirror("https://M.example.com:8443/a/b/") == "https://m.example.com:8443/a/b"
    assert parse_mirror("http://[2001:db8::1]") == "http://[2001:db8::1]"


def test_a_collector_keeps_its_port() -> None:
    assert parse_syslog("UDP://[2001:db8::1]:514/") == "udp://[2001:db8::1]:514"
    assert parse_syslog("tls://Logs.example.com:6514") == "tls://logs.example.com:6514"


@given(user=typed, password=typed)
def test_any_password_reaches_the_proxy_as_it_was_typed(user: str, password: str) -> None:
    given_url = f"http://{quote(user, safe='')}:{quote(password, safe='')}@proxy:3128"
    url = parse_proxy(given_url)
    parts = urlsplit(url)
    assert unquote(parts.username or "") == user
    assert unquote(parts.password or "") == password
    assert (parts.hostname, parts.port) == ("proxy", 3128)
    assert url.isascii()
    assert not set(url) & set('"\\ ;{}')
    assert has_credentials(url)
    assert url.partition("://")[2].partition("@")[0] not in concealed(url)


def _refusal_of_nothing(parse: Callable[[str], str]) -> str:
    """The words that a refusal has of itself, such as http."""
    with pytest.raises(ValueError, match="is not an URL") as refused:
        _ = parse("://")
    return str(refused.value)


@given(any_text)
def test_whatever_is_read_is_one_line_of_plain_characters(text: str) -> None:
    for parse in (parse_proxy, parse_mirror, parse_syslog):
        try:
            url = parse(text)
        except ValueError as error:
            before = text.strip().rpartition("@")[0].partition("://")[2]
            is_telling = len(before) > 3 and before not in _refusal_of_nothing(parse)
            assert not is_telling or before not in str(error)
            continue
        assert url.isascii()
        assert not set(url) & set("\"\\ ;{}\n\r\t'")
        assert parse(url) == url
        assert str(split(url, ("http", "https", "udp", "tcp", "tls"))) == url


@given(before=st.text(), after=st.text(st.characters(exclude_characters="@")))
def test_what_stands_before_the_last_at_is_never_shown(before: str, after: str) -> None:
    shown = concealed(f"{before}@{after}")
    hidden = before.partition("://")[2] if "://" in before else before
    assert shown.endswith(f"********@{after}")
    assert len(hidden) < 3 or hidden in after or hidden not in shown.removesuffix(after)
    assert concealed(after) == after
