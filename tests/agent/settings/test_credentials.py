"""A proxy's credentials: masked wherever a setting is shown, kept where secrets are kept."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from agent.accepted import store
from agent.accepted.store import Accepted
from agent.commands.settings import run_check
from agent.settings import normal
from agent.settings.accept import accept
from agent.settings.declaration import Settings
from agent.settings.network import Network
from agent.settings.secret import Secret
from agent.system.files import Files

URL = "http://deploy:correct-horse@proxy.example.com:3128"
PLAIN = "http://proxy.example.com:3128"


def test_with_credentials_it_is_a_secret_and_without_it_is_not() -> None:
    found = accept({"network.http_proxy": URL, "network.https_proxy": PLAIN}).settings
    assert found.network.http_proxy == Secret(URL)
    assert found.network.https_proxy == PLAIN
    assert normal.to_text(found) == {"network.https_proxy": PLAIN}
    assert normal.secrets_of(found) == {"network.http_proxy": Secret(URL)}
    assert "horse" not in repr(found)


def test_it_is_kept_where_secrets_are_and_comes_back(tmp_path: Path) -> None:
    files = Files(tmp_path)
    settings = Settings(network=Network(http_proxy=Secret(URL), https_proxy=PLAIN))
    assert store.save(files, Accepted(own=settings, source="test"))
    holders = [path for path in tmp_path.rglob("*") if path.is_file() and URL in path.read_text()]
    assert [path.parent.name for path in holders] == ["secrets"]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in holders)
    assert store.load(files).own == settings
    assert not store.save(files, Accepted(own=settings, source="test"))


def test_losing_them_is_a_change(tmp_path: Path) -> None:
    files = Files(tmp_path)
    for proxy in (Secret(URL), PLAIN, Secret(URL)):
        settings = Settings(network=Network(http_proxy=proxy))
        assert store.save(files, Accepted(own=settings, source="test"))
        assert store.load(files).own == settings


def test_a_check_and_a_redaction_mask_them(tmp_path: Path) -> None:
    name = tmp_path / "answers.json"
    name.write_text(json.dumps({"network.http_proxy": URL, "network.https_proxy": PLAIN}))
    answer = run_check(Namespace(file=str(name), files=Files()))
    assert "horse" not in answer.words + json.dumps(answer.data)
    assert "network.http_proxy" in answer.words
    raw = {"network.http_proxy": URL, "network.htp_proxy": URL, "node.name": "n1"}
    shown = normal.redact(raw)
    assert shown["network.http_proxy"] == "http://********@proxy.example.com:3128"
    assert "horse" not in str(shown)
    assert shown["node.name"] == "n1"


def test_a_fault_of_these_costs_no_address() -> None:
    raw = {
        "network.address": "192.0.2.10/24",
        "network.gateway": "192.0.2.1",
        "network.dns": "none",
        "network.ntp": "not_a_host",
        "network.http_proxy": "gopher://x",
    }
    found = accept(raw)
    assert [fault.setting for fault in found.faults] == ["network.ntp", "network.http_proxy"]
    assert str(found.settings.network.interface) == "192.0.2.10/24"
    assert found.refused == frozenset()
    assert not found.settings.network.ntp


def test_where_the_address_is_refused_the_others_hold() -> None:
    settings = Settings(network=Network(ntp=("ntp1",), http_proxy=PLAIN, no_proxy=("*",)))
    left = settings.network.fallback
    assert (left.ntp, left.http_proxy, left.no_proxy) == (("ntp1",), PLAIN, ("*",))
    assert left._replace(ntp=(), http_proxy=None, no_proxy=()) == Network()
