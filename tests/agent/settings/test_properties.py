"""What holds for whatever is answered: no exception, no secret told, a normal form that stays."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from agent.properties import answers_file, environment
from agent.settings.accept import Acceptance, accept
from agent.settings.cluster import Cluster
from agent.settings.declaration import CORE
from agent.settings.declare import Row
from agent.settings.normal import secrets_of, to_text
from agent.settings.secret import Secret
from tests.agent.settings.test_kinds import GARBAGE, VALUES, addresses
from tests.agent.settings.test_refused import WRITTEN

_WORTH_HIDING = 8
_JOIN = "cluster.join"


@st.composite
def slips(draw: st.DrawFn, text: str) -> str:
    """The text after a slip or two of the hand, or of a clipboard."""
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.integers(0, len(text)))
        gone = draw(st.integers(0, 3))
        more = draw(
            st.sampled_from(["", " ", "\n", ",", '"', "/", "$", "-", ".", "\0", "é", "٣", "x"])
        )
        text = text[:place] + more + text[place + gone :]
    return text


@st.composite
def texts(draw: st.DrawFn, row: Row) -> str:
    """What an operator may give for this setting: right, nearly right, or anything."""
    right: str = row.kind.format(draw(VALUES[row.kind.name]))
    return draw(st.just(right) | slips(right) | GARBAGE)


@st.composite
def answers(draw: st.DrawFn) -> dict[str, str]:
    rows = draw(st.lists(st.sampled_from(CORE.rows), unique=True, max_size=8))
    return {row.key: draw(texts(row)) for row in rows}


def _normal(found: Acceptance) -> dict[str, str]:
    secrets = {key: secret.reveal() for key, secret in secrets_of(found.settings).items()}
    return {**to_text(found.settings), **secrets}


@given(answers(), st.booleans())
def test_the_normal_form_of_whatever_was_accepted_is_accepted_as_the_same(
    raw: dict[str, str], strict: bool
) -> None:
    """An act is consumed, so that it has no normal form to come back from."""
    found = accept(raw, strict=strict)
    again = accept(_normal(found), strict=True)
    assert again.faults == ()
    given = found.settings.cluster
    cluster = Cluster(name=given.name, hostname=given.hostname)
    assert again.settings == found.settings._replace(cluster=cluster)
    assert _normal(again) == _normal(found)


@given(answers())
def test_a_fault_names_a_setting_and_stays_on_its_line(raw: dict[str, str]) -> None:
    known = {row.key for row in CORE.rows}
    for fault in accept(raw).faults:
        assert fault.setting in known
        assert fault.message.isprintable(), fault
    told = [fault.setting for fault in accept(raw).faults]
    assert told == sorted(told, key=[row.key for row in CORE.rows].index)


@given(answers())
def test_no_secret_is_told(raw: dict[str, str]) -> None:
    secret_keys = {row.key for row in CORE.rows if row.is_secret}
    said = repr(accept(raw))
    others = repr([text for key, text in raw.items() if key not in secret_keys])
    for key in secret_keys & set(raw):
        for line in raw[key].splitlines():
            words = line.strip()
            if len(words) < _WORTH_HIDING or words.startswith("-----") or words in others:
                continue
            assert words not in said
            assert repr(words)[1:-1] not in said


# What shells, XML, YAML and templates take for their own.
_SPECIAL = st.text(
    st.sampled_from("&<>\"'$`%\\{}[]#:*!|@~ -=?,;äß✓🔑")
    | st.characters(min_codepoint=33, codec="utf-8"),
    min_size=8,
    max_size=40,
).filter(str.isprintable)


@given(_SPECIAL.filter(str.strip))
def test_a_password_arrives_as_it_was_typed(password: str) -> None:
    """Through each form that an answer travels in; a blank at an end is a part of it."""
    raw = {"node.admin_password": password, "database.password": password}
    assert environment.parse(WRITTEN["xml"](raw)).texts == raw
    assert answers_file.parse(WRITTEN["yaml"](raw), "answers.yaml") == raw
    assert answers_file.parse(WRITTEN["json"](raw), "answers.json") == raw
    found = accept(raw).settings
    if found.node.admin_password is not None:
        assert found.node.admin_password.reveal() == password
    assert found.database.password == Secret(password)


@st.composite
def on_one_link(draw: st.DrawFn) -> tuple[IPv4Address, int, IPv4Address, IPv4Address]:
    """An address, a prefix, a gateway and a resolver that are near each other."""
    address, prefix = IPv4Address(str(draw(addresses))), draw(st.integers(1, 32))
    network = IPv4Interface((address, prefix)).network
    first, last = int(network[0]), int(network[-1])
    near = st.integers(max(first - 1, 0), min(last + 1, 2**32 - 1)) | st.sampled_from(
        [first, last, int(address)]
    )
    return address, prefix, IPv4Address(draw(near)), IPv4Address(draw(near))


_NO_LINKS = [
    IPv4Network(text)
    for text in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4")
]


def _is_good(
    address: IPv4Address, prefix: int, gateway: IPv4Address, resolver: IPv4Address
) -> bool:
    """The rules said once more, by numbers alone."""
    mask = (1 << 32) - (1 << (32 - prefix))
    low = int(address) & mask
    high = low | (~mask & 0xFFFFFFFF)
    ends = (low, high) if prefix < 31 else ()
    is_host = int(address) not in ends
    is_gateway = low <= int(gateway) <= high and int(gateway) not in (*ends, int(address))
    is_resolver = int(resolver) not in (*ends, int(address))
    is_link = not any(low <= int(no[-1]) and int(no[0]) <= high for no in _NO_LINKS)
    are_usable = not any(one in no for one in (gateway, resolver) for no in _NO_LINKS)
    return is_host and is_gateway and is_resolver and is_link and are_usable


@given(on_one_link())
def test_a_link_is_judged_as_numbers_say(
    drawn: tuple[IPv4Address, int, IPv4Address, IPv4Address],
) -> None:
    address, prefix, gateway, resolver = drawn
    found = accept(
        {
            "network.address": f"{address}/{prefix}",
            "network.gateway": str(gateway),
            "network.dns": str(resolver),
        }
    )
    assert (found.faults == ()) is _is_good(address, prefix, gateway, resolver), found.faults


@given(st.lists(st.tuples(addresses, st.booleans()), min_size=1, max_size=6))
def test_what_is_given_twice_is_taken_once_in_its_place(
    drawn: list[tuple[IPv4Address, bool]],
) -> None:
    said = [str(one) for one, twice in drawn for _ in range(1 + twice)]
    found = accept({"network.dns": "; ".join(said)})
    assert found.settings.network.resolvers == tuple(dict.fromkeys(one for one, _ in drawn))
    assert bool(found.notices) is (len(set(said)) < len(said))
