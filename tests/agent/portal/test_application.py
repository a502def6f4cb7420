"""What the portal answers, whatever stands in the status."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from agent.portal.application import application
from agent.portal.health import health
from agent.portal.page import fingerprint_groups, page
from agent.portal.preview import SAMPLES
from agent.system import render
from agent.values.json_object import is_list, is_object

HOSTILE = "<script>alert('x')</script>\"' onload=\"x\" {{ 7*7 }} &amp; \x00 \u202e"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["state", "phase", "name", "id", "cluster", "members", "faults", "message", "seconds"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)
STATUS = st.dictionaries(
    st.sampled_from(
        ("node", "state", "phase", "step", "faults", "fallbacks", "steps", "cluster", "network")
    ),
    JSON | st.sampled_from(["ready", "working"]),
)


def _client(status: dict[str, Any]) -> TestClient:
    return TestClient(application(lambda: status), raise_server_exceptions=False)


class _Outline(HTMLParser):
    """Tags and attributes as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, name: str) -> list[str]:
        return [value for found, value in self.attributes if found == name]


def _everywhere(value: Any) -> Any:
    """The same status with every text hostile."""
    if is_object(value):
        return {key: _everywhere(inner) for key, inner in value.items()}
    if is_list(value):
        return [_everywhere(inner) for inner in value]
    return HOSTILE if isinstance(value, str) else value


@pytest.mark.parametrize("sample", sorted(SAMPLES))
def test_hostile_text_stays_text(sample: str) -> None:
    hostile = _everywhere(SAMPLES[sample])
    hostile["state"], hostile["phase"] = SAMPLES[sample]["state"], SAMPLES[sample]["phase"]
    if "cluster" in SAMPLES[sample]:
        hostile["cluster"]["state"] = SAMPLES[sample]["cluster"]["state"]
    plain = _Outline(_client(SAMPLES[sample]).get("/cluster").text)
    found = _Outline(_client(hostile).get("/cluster").text)
    assert "script" not in found.tags
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert "alert('x')" in found.text
    assert set(found.tags) <= {*plain.tags, "small"}


@settings(max_examples=150, deadline=None)
@given(STATUS)
def test_whatever_the_status_holds_there_is_a_page(status: dict[str, Any]) -> None:
    values = {"page": page(status), "now": "now"}
    assert "What to do next" in render.render("portal/cluster.html.j2", values)


def test_programs_are_told_the_status_as_it_is() -> None:
    assert _client(SAMPLES["fault"]).get("/cluster/api/status").json() == SAMPLES["fault"]


@pytest.mark.parametrize(
    ("sample", "word", "code"),
    [
        ("starting", "starting", 503),
        ("setup", "setup", 503),
        ("fault", "setup", 503),
        ("joining", "joining", 503),
        ("member", "ready", 200),
        ("degraded", "degraded", 503),
    ],
)
def test_health_is_one_word(sample: str, word: str, code: int) -> None:
    reply = _client(SAMPLES[sample]).get("/healthz")
    assert (reply.status_code, reply.text) == (code, f"{word}\n")


@pytest.mark.parametrize(
    "status",
    [
        {},
        {"cluster": {"state": "member"}},
        {"state": "working", "phase": "ready", "cluster": {"state": "member"}},
        {"state": "ready", "phase": "serving", "cluster": {"state": "member"}},
        {"state": "fault", "phase": "ready", "cluster": {"state": "member"}},
        {"state": "ready", "phase": "ready", "cluster": {"state": "failed"}},
        {"state": "ready", "phase": "ready", "cluster": "member"},
        {"state": "waiting", "phase": "cluster", "cluster": {"state": "joining"}},
    ],
)
def test_anything_less_than_a_whole_member_is_not_ready(status: dict[str, Any]) -> None:
    assert health(status) != "ready"
    assert _client(status).get("/healthz").status_code == 503


@pytest.mark.parametrize(
    ("sample", "seconds"), [("starting", "5"), ("joining", "5"), ("setup", "30"), ("member", "")]
)
def test_it_renews_itself_while_it_is_not_ready(sample: str, seconds: str) -> None:
    found = _Outline(_client(SAMPLES[sample]).get("/cluster").text)
    assert (seconds in found.all("content")) == (seconds != "")
    assert ("refresh" in found.all("http-equiv")) == (seconds != "")


def test_an_unclaimed_node_is_told_both_ways_on() -> None:
    text = _Outline(_client(SAMPLES["setup"]).get("/cluster").text).text
    for command in ("cluster init", "cluster token create", "cluster join"):
        assert f"sudo bandstand {command}" in text


def test_faults_come_first_with_their_hints() -> None:
    text = _Outline(_client(SAMPLES["fault"]).get("/cluster").text).text
    assert text.index("What is wrong") < text.index("What to do next")
    assert "Accepted is an address of that network, or none." in text
    assert text.count("DHCP") == 1


@pytest.mark.parametrize("state", ["working", "waiting"])
def test_a_join_under_way_is_told_as_such(state: str) -> None:
    status = SAMPLES["joining"] | {"phase": "cluster", "state": state, "step": "join.hello"}
    assert health(status) == "joining"
    assert page(status).refresh_s == 5
    making = status | {"cluster": {"state": "making"}, "step": "init.database"}
    assert health(making) == "joining"
    assert "making its cluster" in _Outline(_client(making).get("/cluster").text).text


def test_the_steps_of_a_join_follow_those_of_the_node() -> None:
    cluster = {"state": "joining", "steps": [{"name": "join.hello", "state": "running"}]}
    shown = page(SAMPLES["setup"] | {"cluster": cluster})
    assert shown.steps[-1] == ("join.hello", "running", "")


def test_text_cannot_turn_the_line_around() -> None:
    shown = page({"node": {"name": "a\u202eb\x1b[2J"}})
    assert shown.name == "a b [2J"


def test_members_are_listed_and_the_own_row_is_marked() -> None:
    shown = page(SAMPLES["member"])
    assert [(one.name, one.state, one.seen, one.is_here) for one in shown.members] == [
        ("node1.example.com", "active", "1 s ago", True),
        ("node2.example.com", "lost", "5 min ago", False),
    ]


def test_a_fingerprint_is_read_in_groups() -> None:
    assert fingerprint_groups("6c:1f:0d:9f") == ("6C1F", "0D9F")
    assert fingerprint_groups("") == ()


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/cluster", 200),
        ("HEAD", "/cluster/", 200),
        ("GET", "/cluster/api/status", 200),
        ("GET", "/cluster/static/bandstand.css", 200),
        ("GET", "/cluster/static/../base.html.j2", 404),
        ("GET", "/cluster/none", 404),
        ("GET", "/cluster/api/none", 404),
        ("POST", "/cluster", 405),
    ],
)
def test_every_answer_carries_the_headers(method: str, path: str, code: int) -> None:
    reply = _client(SAMPLES["member"]).request(method, path)
    assert reply.status_code == code
    assert reply.headers["content-security-policy"].startswith("default-src 'none'; script-src")
    assert "unsafe" not in reply.headers["content-security-policy"]
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "no-referrer"


def test_an_error_of_ours_is_a_page_with_the_headers_and_without_the_reason() -> None:
    def broken() -> dict[str, Any]:
        raise RuntimeError("secret inner life")

    client = TestClient(application(broken), raise_server_exceptions=False)
    reply = client.get("/cluster")
    assert reply.status_code == 500
    assert "journalctl" in reply.text
    assert "secret inner life" not in reply.text
    assert reply.headers["cache-control"] == "no-store"
    reply = client.get("/cluster/api/status")
    assert reply.json()["code"] == "internal-server-error"


@pytest.mark.parametrize("sample", sorted(SAMPLES))
def test_the_page_can_be_used_by_everyone(sample: str) -> None:
    text = _client(SAMPLES[sample]).get("/cluster").text
    found = _Outline(text)
    assert found.all("lang") == ["en"]
    assert "width=device-width, initial-scale=1" in found.all("content")
    assert found.tags.count("h1") == found.tags.count("main") == 1
    identifiers = found.all("id")
    assert len(identifiers) == len(set(identifiers))
    assert set(found.all("aria-labelledby")) <= set(identifiers)
    assert "#main" in found.all("href")
    assert found.tags.count("img") == len(found.all("alt"))
    assert "style" not in found.tags
    assert not found.all("style")


def test_nothing_is_fetched_from_elsewhere() -> None:
    found = _Outline(_client(SAMPLES["member"]).get("/cluster").text)
    links = [*found.all("href"), *found.all("src")]
    assert all(re.match(r"(/cluster|#)", link) for link in links)
