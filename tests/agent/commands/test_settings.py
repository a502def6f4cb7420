"""`bandstand settings`: what it prints, and how it ends."""

from __future__ import annotations

import io
import json
from argparse import Namespace
from pathlib import Path

import pytest

from agent.__main__ import main
from agent.accepted import store
from agent.change import Outcome
from agent.commands.settings import run_check, shown_settings
from agent.errors import UsageError
from agent.properties.answers_file import parse
from agent.settings.accept import accept
from agent.settings.declaration import CORE
from agent.system.files import Files
from agent.system.host import Host
from firstboot.sequence import boot
from tests.fakes.run import Call, FakeRun

FIXTURES = Path(__file__).parents[2] / "fixtures" / "environments"
GOOD = """\
network:
  ip0: 192.0.2.10
  netmask: 255.255.255.0
  gateway: 192.0.2.1
  dns: [192.0.2.53, 192.0.2.54]
node:
  name: '"Node1"'
  admin_password: correct horse
"""
BAD = "network.dns: nowhere\nnode.admin_password: hunter2\nnode.namex: x\n"

# Twelve faults, in no order; one of the file's own names (an alias), one setting that is none.
TWELVE = """\
database.port: 0
tls: {certificate: /etc/ssl/node1.pem}
node:
  timezone: CEST
  ssh_keys: ssh-dss AAAA
  ssh: perhaps
  admin_password: swordf
  hostname: node1
guestinfo.hostname: my_node
network:
  search: a..b
  dns: 127.0.0.53
  gateway: 192.0.3.1
  netmask: 255.0.255.0
  mode: manual
  address: 192.0.2.10
"""
IN_ORDER = [
    "network.mode",
    "network.netmask",
    "network.dns",
    "network.search",
    "node.name",
    "node.admin_password",
    "node.ssh",
    "node.ssh_keys",
    "node.timezone",
    "tls.certificate",
    "database.port",
    "node.hostname",
]

Captured = pytest.CaptureFixture[str]


def _file(folder: Path, name: str, text: str) -> str:
    path = folder / name
    _ = path.write_text(text, encoding="utf-8")
    return str(path)


def test_good_answers_are_printed_in_normal_form(tmp_path: Path, capsys: Captured) -> None:
    assert main(["settings", "check", _file(tmp_path, "a.yaml", GOOD)]) == 0
    said = capsys.readouterr().out
    assert said == (
        "# network.ip0 was taken as network.address\n"
        "# node.name: the quotes around the value were taken off\n"
        "network.mode: static\n"
        "network.address: 192.0.2.10/24\n"
        "network.gateway: 192.0.2.1\n"
        "network.dns: 192.0.2.53, 192.0.2.54\n"
        "node.name: node1\n"
        'node.admin_password: "********"\n'
    )


def test_what_is_printed_is_an_answers_file(tmp_path: Path, capsys: Captured) -> None:
    text = GOOD.replace("  admin_password: correct horse\n", "  timezone: Asia/Tokyo\n")
    assert main(["settings", "check", _file(tmp_path, "a.yaml", text)]) == 0
    again = parse(capsys.readouterr().out, "a.yaml")
    assert accept(again, strict=True).settings == accept(parse(text, "a.yaml")).settings


def test_faults_are_printed_one_a_line(tmp_path: Path, capsys: Captured) -> None:
    assert main(["settings", "check", _file(tmp_path, "a.yaml", BAD)]) == 3
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        "network.dns",
        "node.admin_password",
        "node.namex",
    ]
    assert lines[2] == "node.namex: is not a setting; did you mean node.name?"
    assert "hunter2" not in "".join(lines)


def test_twelve_faults_are_twelve_lines_in_the_order_of_the_form(
    tmp_path: Path, capsys: Captured
) -> None:
    assert main(["settings", "check", _file(tmp_path, "a.yaml", TWELVE)]) == 3
    said = capsys.readouterr().out
    assert [line.partition(": ")[0] for line in said.splitlines()] == IN_ORDER
    assert "swordf" not in said
    rows = [row.key for row in CORE.rows]
    assert IN_ORDER[:-1] == sorted(IN_ORDER[:-1], key=rows.index)
    assert main(["settings", "check", "--json", _file(tmp_path, "a.yaml", TWELVE)]) == 3
    told = json.loads(capsys.readouterr().out)["faults"]
    assert [fault["setting"] for fault in told] == IN_ORDER


def test_faults_as_json_are_those_of_the_status(tmp_path: Path, capsys: Captured) -> None:
    assert main(["settings", "check", "--json", _file(tmp_path, "a.yaml", BAD)]) == 3
    said = json.loads(capsys.readouterr().out)
    assert set(said["faults"][0]) == {"code", "setting", "message", "hint"}
    assert said["notices"] == []
    assert "settings" not in said


def test_an_ovf_environment_is_checked_too(capsys: Captured) -> None:
    assert main(["settings", "check", str(FIXTURES / "vcenter.xml")]) == 0
    said = capsys.readouterr().out
    assert "network.address: 192.0.2.10/24\n" in said
    assert "p&ss" not in said


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.yaml", "a: [", "answers: the answers file"),
        ("a.json", "{", "is not JSON"),
        ("a.xml", "<Environment>", "ovf-environment: the OVF environment is not well-formed"),
    ],
)
def test_a_file_that_is_no_answers_file(
    tmp_path: Path, capsys: Captured, name: str, text: str, says: str
) -> None:
    assert main(["settings", "check", _file(tmp_path, name, text)]) == 3
    assert says in capsys.readouterr().out


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    for encoding in ("utf-8", "utf-16"):
        given = io.TextIOWrapper(io.BytesIO("node.name: n1\n".encode(encoding)))
        monkeypatch.setattr("sys.stdin", given)
        assert main(["settings", "check", "-"]) == 0
        assert capsys.readouterr().out == "node.name: n1\n"


def test_an_answers_file_as_windows_writes_it(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "answers.yaml"
    _ = file.write_bytes(GOOD.replace("\n", "\r\n").encode("utf-16"))
    assert main(["settings", "check", str(file)]) == 0
    assert "node.name: node1\n" in capsys.readouterr().out


def test_an_answers_file_in_no_encoding_of_ours_is_refused(
    tmp_path: Path, capsys: Captured
) -> None:
    file = tmp_path / "answers.yaml"
    _ = file.write_bytes("cluster.name: süd\n".encode("latin-1"))
    assert main(["settings", "check", str(file)]) == 3
    assert "is not in UTF-8" in capsys.readouterr().out


def test_what_cannot_be_told_stands_in_the_order_of_the_form(
    tmp_path: Path, capsys: Captured
) -> None:
    """By our own names, and only what is ours: `user-data` in it is cloud-init's."""
    text = (FIXTURES / "govc-ambiguous.xml").read_text(encoding="utf-8")
    text = text.replace("node.admin_password", "appliance.root_pwd")
    text = text.replace("R&D", "R&#10;D")
    assert main(["settings", "check", _file(tmp_path, "a.xml", text)]) == 3
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["node.admin_password", "cluster.name"]


def test_a_file_that_is_not_there(capsys: Captured) -> None:
    assert main(["settings", "check", "/nowhere/answers.yaml"]) == 2
    assert "there is no file /nowhere/answers.yaml" in capsys.readouterr().err


def test_without_a_file_the_nodes_own_is_checked(tmp_path: Path) -> None:
    files = Files(tmp_path)
    with pytest.raises(UsageError, match=r"there is no file /etc/bandstand/answers\.yaml or"):
        _ = run_check(Namespace(file=None, files=files))
    _ = files.write("/etc/bandstand/answers.json", '{"node.name": "n1"}')
    assert run_check(Namespace(file=None, files=files)).words == "node.name: n1"


def test_nothing_is_good_too(tmp_path: Path, capsys: Captured) -> None:
    assert main(["settings", "check", _file(tmp_path, "a.yaml", "")]) == 0
    assert capsys.readouterr().out == "{}\n"


def _by_disc(root: Path, document: bytes) -> Outcome:
    run = FakeRun()
    host = Host(Files(root), run)
    _ = host.files.write("/dev/sr0", "")

    def mount(call: Call) -> None:
        assert host.files.write(f"{call.argv[-1]}/ovf-env.xml", document)

    run.on("mount", effect=mount)
    return boot(host, stages=())


@pytest.mark.parametrize("name", sorted(path.name for path in FIXTURES.glob("*.xml")))
def test_environments_are_judged_as_a_node_does_it(
    tmp_path: Path, capsys: Captured, name: str
) -> None:
    """A disc gives it as it is, byte for byte."""
    node = _by_disc(tmp_path, (FIXTURES / name).read_bytes())
    code = main(["settings", "check", "--json", str(FIXTURES / name)])
    said = json.loads(capsys.readouterr().out)
    assert said["faults"] == [fault.as_json() for fault in node.faults]
    assert code == (3 if node.faults else 0)
    if code == 0:
        assert said["settings"] == shown_settings(store.load(Files(tmp_path)).own)


def test_a_setting_is_explained(capsys: Captured) -> None:
    assert main(["settings", "explain", "guestinfo.netmask"]) == 0
    said = capsys.readouterr().out
    assert "network.netmask" in said
    assert "a prefix length from 1 to 32, or a mask in dots" in said
    assert "network.netmask0" in said


def test_a_setting_is_explained_as_json(capsys: Captured) -> None:
    assert main(["settings", "explain", "--json", "cluster.join"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["key"], said["secret"], said["scope"]) == ("cluster.join", True, "act")


def test_all_settings_are_listed(capsys: Captured) -> None:
    assert main(["settings", "explain"]) == 0
    assert "tls.certificate" in capsys.readouterr().out


def test_an_unknown_key_names_the_nearest(capsys: Captured) -> None:
    assert main(["settings", "explain", "network.gatewy"]) == 3
    said = capsys.readouterr().err
    assert "network.gatewy: is not a setting; did you mean network.gateway?" in said
