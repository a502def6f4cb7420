"""A node that nobody told anything: seen only from outside, as its administrator would."""

from __future__ import annotations

import pytest

from tests.appliance.conftest import PICTURES
from tests.lab import screen, web
from tests.lab.guest import Guest

pytestmark = pytest.mark.appliance


def test_it_serves_at_the_address_that_dhcp_gave(blank: Guest) -> None:
    assert blank.get("/cluster").status == 200
    assert blank.get("/healthz").status == 503


def test_nobody_listens_for_ssh(blank: Guest) -> None:
    assert not blank.answers(22)


def test_its_screen_says_where_it_is(blank: Guest) -> None:
    def shown() -> bool:
        text = screen.read(blank.picture(PICTURES, "told-nothing")).text
        return blank.address in text and "DHCP" in text.upper()

    blank.machine.until(shown, within_s=60, what="its address on tty1")


def test_port_80_leads_to_https(blank: Guest) -> None:
    reply = web.get_plain(blank.network, blank.address, "/")
    assert reply.location.startswith(f"https://{blank.address}/")
