"""What the configuration depends on, and when nothing is to be done."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.serving.act import steps
from agent.serving.plan import Layout, Observed, ServingPlan, plan
from agent.settings.cluster import Cluster
from agent.settings.declaration import Settings
from agent.settings.node import Node
from agent.settings.portal import Portal
from agent.system import nginx, own, render
from agent.system.files import Files
from agent.system.host import Host

SEEN = Observed(
    names=("n1", "n1.example.com"),
    addresses=("192.0.2.7",),
    has_ipv6=True,
    template="digest",
    config_key="",
    live="pair-a",
    live_sha256="aa",
    verified="pair-a",
    is_running=True,
)
PORTAL = Settings(portal=Portal(port=8443))
PUBLIC = Settings(cluster=Cluster(hostname="board.example.com"))


def _settled(settings: Settings) -> Observed:
    return SEEN._replace(config_key=plan(settings, SEEN).config_key)


def test_what_was_verified_and_runs_is_kept() -> None:
    assert plan(Settings(), _settled(Settings())).keep


@pytest.mark.parametrize(
    "change",
    [
        {"is_running": False},
        {"live": "pair-b"},
        {"live": "", "verified": ""},
        {"config_key": ""},
        {"template": "newer"},
        {"has_ipv6": False},
    ],
)
def test_what_makes_it_act(change: dict[str, object]) -> None:
    seen = _settled(Settings())._replace(**change)  # type: ignore[arg-type]
    assert not plan(Settings(), seen).keep


def test_own_names_matter_only_beside_a_public_one() -> None:
    moved = _settled(Settings())._replace(addresses=("192.0.2.8",))
    assert plan(Settings(), moved).keep
    moved = _settled(PUBLIC)._replace(addresses=("192.0.2.8",))
    assert not plan(PUBLIC, moved).keep


def test_a_public_name_that_is_also_the_own_one_stays_public() -> None:
    named = Settings(cluster=Cluster(hostname="n1.example.com"))
    assert plan(named, SEEN).management_names == ("192.0.2.7", "n1")


def test_what_the_portal_has_of_its_own_makes_it_act() -> None:
    settled = _settled(Settings())
    assert not plan(Settings(portal=Portal(port=8443)), settled).keep
    own_pair = Settings(portal=Portal(port=8443, certificate="chain"))
    assert plan(own_pair, settled).config_key != plan(PORTAL, settled).config_key


def test_browsers_are_sent_where_clients_reach_the_node() -> None:
    reached = PUBLIC._replace(node=Node(public_address="203.0.113.9"))
    assert plan(reached, SEEN).management_names[0] == "203.0.113.9"
    itself = PUBLIC._replace(node=Node(public_address="board.example.com"))
    assert plan(itself, SEEN).management_names == plan(PUBLIC, SEEN).management_names


def _config(made: ServingPlan, tmp_path: Path) -> str:
    """The text that a step would write, up to where it asks nginx about it."""
    files = Files(tmp_path)

    def refuses(*argv: str, **_: object) -> None:
        if argv[0] == "nginx":
            raise AssertionError(files.read(f"{nginx.CONFIG}.new"))

    first, _ = steps(made, Host(files=files, run=refuses))  # type: ignore[arg-type]
    with pytest.raises(AssertionError) as caught:
        first.act()
    return str(caught.value)


def test_ports_and_protocols_are_those_of_the_design(tmp_path: Path) -> None:
    text = _config(plan(Settings(), SEEN), tmp_path)
    listening = {line.strip() for line in text.splitlines() if line.strip().startswith("listen ")}
    assert listening == {
        "listen 80 default_server;",
        "listen [::]:80 default_server;",
        "listen 443 ssl;",
        "listen [::]:443 ssl;",
        "listen 443 ssl default_server;",
        "listen [::]:443 ssl default_server;",
    }
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in text
    assert "return 308 https://$host$request_uri;" in text
    assert "user www-data;" in text


def test_without_ipv6_nothing_listens_there(tmp_path: Path) -> None:
    text = _config(plan(Settings(), SEEN._replace(has_ipv6=False)), tmp_path)
    assert "[::]" not in text


def test_an_address_of_ipv6_is_written_as_in_a_url(tmp_path: Path) -> None:
    seen = SEEN._replace(addresses=("2001:db8::7",))
    text = _config(plan(PUBLIC, seen, layout=Layout(8080, 8443, "nobody")), tmp_path)
    assert "server_name [2001:db8::7] n1 n1.example.com;" in text
    assert "return 307 https://[2001:db8::7]:8443$request_uri;" in text


def test_own_names_of_a_bare_tree_are_none(tmp_path: Path) -> None:
    files = Files(tmp_path)
    assert (own.names(files), own.addresses(files), own.has_ipv6(files)) == ((), (), False)


def test_a_missing_value_of_a_template_is_an_error() -> None:
    with pytest.raises(Exception, match="undefined"):
        render.render("nginx/nginx.conf.j2", {"at": str})
