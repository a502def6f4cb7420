"""The lab's network under guests that come and go."""

from __future__ import annotations

import json

import pytest

from tests.lab.call import call
from tests.lab.network import BRIDGE, Network
from tests.lab.site import Site

pytestmark = pytest.mark.node


def _mac(network: Network) -> str:
    links = json.loads(call("ip", "-n", network.netns, "-j", "link", "show", BRIDGE))
    return str(links[0]["address"])


def test_the_lab_keeps_its_own_address_when_a_guest_is_plugged_in() -> None:
    site = Site()
    try:
        network = Network(site)
        before = _mac(network)
        network.tap("tap0")
        assert _mac(network) == before
    finally:
        site.close()
