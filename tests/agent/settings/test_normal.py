"""Normal form: out to text and back, secrets apart, acts left out; and what is fit to be shown."""

from __future__ import annotations

import pytest

from agent.errors import InputRefused
from agent.settings.accept import accept
from agent.settings.declaration import Settings
from agent.settings.normal import from_text, overlay, redact, secrets_of, to_text
from agent.settings.secret import MASK, Secret
from agent.values import join_string
from agent.values.join_string import Seed
from tests.agent.values.test_accounts import ED25519

JOIN = join_string.format(join_string.generate([Seed("192.0.2.1")]))
RAW = {
    "network.ip0": "192.0.2.10",
    "network.netmask0": "255.255.255.0",
    "network.gateway": "none",
    "network.dns": "192.0.2.53;192.0.2.54",
    "network.search": "b.example a.example",
    "node.name": "Node1",
    "node.ssh": "yes",
    "node.ssh_keys": f"{ED25519} me",
    "node.admin_password": "correct horse",
    "node.timezone": "UTC",
    "cluster.join": JOIN.lower(),
    "database.port": "5432",
    "database.password": "battery staple",
}
NORMAL = {
    "network.mode": "static",
    "network.address": "192.0.2.10/24",
    "network.gateway": "none",
    "network.dns": "192.0.2.53, 192.0.2.54",
    "network.search": "b.example, a.example",
    "node.name": "node1",
    "node.ssh": "True",
    "node.ssh_keys": f"{ED25519} me",
}


def test_the_normal_form_leaves_out_defaults_secrets_and_acts() -> None:
    settings = accept(RAW).settings
    assert to_text(settings) == NORMAL
    assert secrets_of(settings) == {
        "node.admin_password": Secret("correct horse"),
        "database.password": Secret("battery staple"),
    }
    assert settings.cluster.join == Secret(JOIN)


def test_it_is_read_back_as_the_same_but_for_the_act() -> None:
    settings = accept({key: text for key, text in RAW.items() if key != "cluster.join"}).settings
    assert from_text({**to_text(settings), **secrets_of(settings)}) == settings


def test_the_normal_form_is_accepted_as_it_is() -> None:
    settings = accept(RAW).settings
    again = accept(to_text(settings), strict=True)
    assert again.faults == ()
    assert again.notices == ()
    assert to_text(again.settings) == NORMAL


def test_what_is_laid_over_outranks_and_leaves_the_rest() -> None:
    below = from_text({"database.host": "a.example", "node.name": "node1"})
    above = overlay(below, {"database.host": "b.example", "database.password": Secret("over it")})
    assert above.database.host == "b.example"
    assert above.database.password == Secret("over it")
    assert above.node.name == "node1"
    assert below.database.host == "a.example"


def test_what_cannot_be_read_is_named() -> None:
    with pytest.raises(InputRefused) as refused:
        _ = from_text({"node.name": "a b", "database.port": "x", "nobody.knows": "1"})
    assert [fault.setting for fault in refused.value.faults] == [
        "node.name",
        "database.port",
        "nobody.knows",
    ]


def test_nothing_is_nothing() -> None:
    assert to_text(Settings()) == {}
    assert from_text({}) == Settings()


def test_what_may_be_secret_is_masked() -> None:
    raw = {
        "node.admin_password": "one",
        "appliance.root_pwd": "two",
        "cluster.join": JOIN,
        "tls.certificate": "-----BEGIN PRIVATE KEY----- three",
        "strange.api_token": "four",
        "node.name": "node1",
        "strange.colour": "blue",
    }
    shown = redact(raw)
    assert shown["node.name"] == "node1"
    assert shown["strange.colour"] == "blue"
    assert [key for key, text in shown.items() if text == MASK] == list(raw)[:5]
