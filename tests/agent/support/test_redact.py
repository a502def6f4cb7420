"""No secret gets through, in whatever shape a program wrote it down; the rest stays readable."""

from __future__ import annotations

import base64
import html
import json
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.access import code
from agent.settings.declaration import CORE
from agent.settings.secret import MASK, Secret
from agent.support.redact import Redactor, known
from agent.system.files import Files
from agent.values import join_string
from tests.fakes.clock import FakeClock
from tests.fakes.issuer import issue

CANARY = "c4n&ary<\"'é horse\\"
SHAPES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": json.dumps,
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "repr": repr,
    "XML": html.escape,
    "URL": lambda text: quote(text, safe=""),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
}


def inside(shape: Callable[[str], str], text: str) -> str:
    """Without the quotes that some shapes put around."""
    shaped = shape(text)
    return shaped[1:-1] if shape in (json.dumps, repr) or shaped[:1] == '"' else shaped


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_known_secret_is_masked_in_every_shape(shape: Callable[[str], str]) -> None:
    shown = Redactor((Secret(CANARY),)).text(f"nginx said {shape(CANARY)} to nobody")
    assert inside(shape, CANARY).rstrip("=") not in shown
    assert MASK in shown
    assert shown.startswith("nginx said ")
    assert shown.endswith(" to nobody")


def test_a_key_that_was_logged_line_by_line_is_masked() -> None:
    key = issue().key_pem
    lines = key.splitlines()
    log = "\n".join(f"Nov 21 host nginx[7]: {line}" for line in lines[1:-1])
    shown = Redactor((Secret(key),)).text(log)
    assert not any(line in shown for line in lines[1:-1])


UNKNOWN = {
    "PEM": issue().key_pem,
    "PEM on one line": issue().key_pem.replace("\n", " "),
    "PEM in JSON": json.dumps(issue().key_pem),
    "PEM that ends too early": issue().key_pem[:120],
    "PEM in base64": base64.b64encode(issue().key_pem.encode()).decode(),
    "join string": join_string.format(join_string.generate((join_string.Seed("192.0.2.1"),))),
    "crypt hash": "$y$j9T$" + "F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd",
    "SHA-512 hash": "$6$" + "salt$" + "a" * 86,
}


@pytest.mark.parametrize("text", UNKNOWN.values(), ids=UNKNOWN)
def test_what_looks_like_a_secret_is_masked_unknown(text: str) -> None:
    shown = Redactor(()).text(f"before {text} after")
    assert shown.startswith("before ")
    body = text.strip('"').split("-----")[2:3] or [text]
    assert body[0].strip("\\n \n")[:40] not in shown
    assert MASK in shown


def test_a_key_whose_beginning_was_cut_off_is_masked() -> None:
    cut = issue().key_pem[60:]
    assert Redactor(()).text(f"{cut}rest") == f"{MASK}\nrest"


SECRET_KEYS = [name for row in CORE.rows if row.is_secret for name in (row.key, *row.aliases)]
LINES = (
    "{}=hunter22",
    "{}: hunter22",
    '{} = "hunter22 and more"',
    "'{}': 'hunter22'",
    '"{}":"hunter22"',
)


@pytest.mark.parametrize("key", [*SECRET_KEYS, "PGPASSWORD", "db_password", "ApiToken", "pwd"])
@pytest.mark.parametrize("line", LINES)
def test_a_value_under_a_secrets_name_is_masked(key: str, line: str) -> None:
    shown = Redactor(()).text(f"environment: {line.format(key)}")
    assert "hunter22" not in shown
    assert key in shown


@pytest.mark.parametrize("key", [*SECRET_KEYS, "vendor.password"])
@pytest.mark.parametrize("value", ["hunter22", 'un"escaped" hunter22', "a > b hunter22", ""])
def test_an_environment_shows_its_keys_alone_where_they_are_secret(key: str, value: str) -> None:
    document = (
        '<Property oe:key="network.address" oe:value="192.0.2.1/24"/>\n'
        f'<Property oe:key="{key}" oe:value="{value}"/><Property oe:key="b" oe:value="c"/>'
    )
    shown = Redactor(()).text(document)
    assert "hunter22" not in shown
    assert 'oe:value="192.0.2.1/24"' in shown
    assert f'oe:key="{key}"' in shown
    assert 'oe:value="c"' in shown


def test_a_proxys_credentials_are_masked_and_its_address_is_not() -> None:
    shown = Redactor(()).text("Acquire::http::Proxy http://me:hunter22@proxy.example:3128;")
    assert "hunter22" not in shown
    assert "proxy.example:3128" in shown


PLAIN = (
    "192.0.2.1/24 dev ens32 proto static metric 1024",
    "ssl_certificate_key /etc/nginx/bandstand/live/key.pem;",
    "Nov 21 19:41:09 node bandstand[812]: network.link: done (0.2 s)",
    "0f5e9c1a-22d4-4f7e-9a50-6a1a0d9a7b11",
    "AB:CD:EF:01:23:45:67:89",
    issue().pem,
)


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redactor(()).text(text) == text


def test_a_tree_keeps_its_shape() -> None:
    tree = {"steps": [{"name": "a", "seconds": 1.5}], "wrap_key": "abc", "faults": [], "n": None}
    assert Redactor(()).tree(tree) == {**tree, "wrap_key": MASK}


@given(st.text(), st.text(min_size=4).map(str.strip).filter(lambda text: len(text) >= 4))
def test_no_known_secret_is_ever_left(around: str, secret: str) -> None:
    shown = Redactor((Secret(secret),)).text(f"{around}{secret}{around}")
    assert secret not in shown.replace(MASK, "\0")


LONG = (
    *("a" * 60_000, " " * 60_000, "a." * 30_000, 'key="a" value=' * 4_000),
    *("-----BEGIN " * 6_000, "$6$" * 20_000, 'password="' * 6_000, "ABCDE-" * 10_000),
)


@pytest.mark.parametrize("line", LONG, ids=lambda line: line[:12])
def test_no_line_takes_long(line: str) -> None:
    began_s = time.process_time()
    _ = Redactor((Secret("something"),)).text(line)
    assert time.process_time() - began_s < 5


def test_what_lies_on_the_node_is_known(tmp_path: Path) -> None:
    files = Files(tmp_path)
    _ = files.write("/etc/bandstand/secrets/tls.key.own1", "one-secret\n")
    _ = files.write("/etc/nginx/bandstand/pair-1/key.pem", "two-secret")
    _ = files.write("/var/lib/bandstand/acts/cluster.join", "three-secret")
    init = '{"cluster.admin_password": "six-secret", "cluster.admin_user": "shown"}'
    _ = files.write("/var/lib/bandstand/acts/cluster.init", init)
    _ = files.write("/var/lib/bandstand/identity/key.pem", "-----BEGIN PRIVATE KEY-----four")
    _ = files.write(
        "/var/lib/bandstand/identity/node.json", '{"id": "node-id", "wrap_key": "five-secret"}'
    )
    _ = files.write("/var/lib/bandstand/identity/root.pem", "-----BEGIN CERTIFICATE-----")
    found = {secret.reveal() for secret in known(files)}
    assert found == {
        *("one-secret", "two-secret", "three-secret", "five-secret", "six-secret", init),
        "-----BEGIN PRIVATE KEY-----four",
    }


def test_the_one_time_code_is_a_secret_too(tmp_path: Path) -> None:
    files = Files(tmp_path)
    text = code.keep(files, FakeClock()).text
    shown = Redactor(known(files)).text(f"somebody wrote {text} and {text.replace('-', '')} here")
    assert shown == f"somebody wrote {MASK} and {MASK} here"
