"""What a node is called by clients, on its way into the certificate that its cluster signs."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.certs.pair import read_pair
from agent.cluster import identity
from agent.cluster.draft import Wish, draft
from agent.cluster.naming import addresses_among, check_addresses, names_among
from agent.cluster.shared import CERTIFICATE, KEY, from_row
from agent.cluster.site import Place, Site
from agent.cluster.store.target import Target
from agent.settings.secret import Secret
from agent.system.files import Files
from tests.fakes.cluster_node import FakeChange

ADDRESSES = ("192.0.2.7", "2001:db8::7", "board.example.com")


def test_a_name_among_addresses_is_told_apart() -> None:
    check_addresses(ADDRESSES)
    assert names_among(ADDRESSES) == ("board.example.com",)
    assert addresses_among(ADDRESSES) == ("192.0.2.7", "2001:db8::7")


@pytest.mark.parametrize(
    "texts", [("a b",), ("192.0.2.300",), ("2001:DB8::7",), ("*.example.com",), ("192.0.2.7",) * 17]
)
def test_what_no_client_can_come_by_is_refused(texts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError):
        check_addresses(texts)


def test_a_clusters_certificate_holds_for_what_clients_call_its_first_node(tmp_path: Path) -> None:
    files = Files(tmp_path)
    site = Site(files, FakeChange(), lambda: Place("n1", ADDRESSES, "192.0.2.7:13000"), "boot")
    wish = Wish(Target("db.example.com", "board", "board", Secret("")))
    made = draft(site, identity.ensure(files), wish)
    settings = from_row(made.keyring, made.configuration).settings
    assert set(read_pair(settings[CERTIFICATE], settings[KEY]).names) == {"n1", *ADDRESSES}
