"""What was accepted survives: torn files, lost secrets, power cuts between any two writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from agent.accepted import store
from agent.accepted.store import Accepted, Membership, load, save
from agent.errors import InputRefused
from agent.settings.normal import from_text, secrets_of
from agent.settings.secret import Secret
from agent.system.files import Files

FIRST = from_text(
    {
        "network.address": "192.0.2.10/24",
        "network.gateway": "192.0.2.1",
        "node.name": "node1",
        "node.admin_password": Secret("correct horse"),
        "database.host": "own.example",
    }
)
SECOND = FIRST._replace(node=FIRST.node._replace(name="node2", admin_password=Secret("battery s")))
MEMBER = Accepted(
    own=FIRST,
    shared={
        "database.host": "shared.example",
        "database.password": Secret("staple it"),
        "cluster.name": "c",
    },
    membership=Membership.MEMBER,
    source=store.UNKNOWN,
)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def _mode(files: Files, name: str) -> int:
    return files.path(name).stat().st_mode & 0o777


def test_what_is_saved_is_loaded(files: Files) -> None:
    assert not store.exists(files)
    assert save(files, MEMBER)
    assert store.exists(files)
    assert load(files) == MEMBER


def test_a_node_where_nothing_was_accepted(files: Files) -> None:
    assert load(files) == Accepted()


def test_saving_the_same_again_changes_nothing(files: Files) -> None:
    assert save(files, MEMBER)
    before = {path: path.stat().st_mtime_ns for path in files.root.rglob("*")}
    assert not save(files, MEMBER)
    assert {path: path.stat().st_mtime_ns for path in files.root.rglob("*")} == before


def test_secrets_lie_apart_and_closed(files: Files) -> None:
    _ = save(files, MEMBER)
    folder = "/etc/bandstand/secrets"
    assert _mode(files, folder) == 0o700
    secrets = {name: files.read(name) for name in files.names(folder)}
    assert sorted(text or "" for text in secrets.values()) == ["correct horse", "staple it"]
    assert {_mode(files, name) for name in secrets} == {0o600}
    for name in (store.OWN, store.SHARED):
        assert _mode(files, name) == 0o644
        text = files.read(name) or ""
        assert "horse" not in text and "staple" not in text


def test_the_shape_of_the_file(files: Files) -> None:
    _ = save(files, MEMBER)
    content = json.loads(files.read(store.OWN) or "")
    assert content["format"] == 1
    assert content["settings"]["network.address"] == "192.0.2.10/24"
    assert content["checksum"].startswith("blake2b:")


def test_old_secrets_go_once_nothing_names_them(files: Files) -> None:
    for name in ("one two three", "four five six", "seven eight"):
        node = FIRST.node._replace(admin_password=Secret(name))
        _ = save(files, Accepted(own=FIRST._replace(node=node), source=store.UNKNOWN))
    left = [files.read(name) for name in files.names("/etc/bandstand/secrets")]
    assert left == ["seven eight"]


TORN: dict[str, Callable[[str], str]] = {
    "cut": lambda text: text[: len(text) // 2],
    "empty": lambda _: "",
    "no JSON": lambda _: "hello",
    "another shape": lambda _: "[1, 2]",
    "edited": lambda text: text.replace("node2", "node3"),
    "a later format": lambda text: text.replace('"format": 1', '"format": 2'),
    "zeros": lambda text: "\0" * len(text),
    "a tower": lambda _: "[" * 100_000,
}


@pytest.mark.parametrize("how", TORN)
def test_a_torn_file_is_told_and_the_last_good_one_taken(files: Files, how: str) -> None:
    _ = save(files, Accepted(own=FIRST, source=store.UNKNOWN))
    _ = save(files, Accepted(own=SECOND, source=store.UNKNOWN))
    _ = files.write(store.OWN, TORN[how](files.read(store.OWN) or ""))
    torn = files.read(store.OWN)
    found = load(files)
    assert found.own == SECOND
    (fault,) = found.faults
    assert (fault.setting, fault.code) == ("accepted", "torn")
    assert fault.message == (
        "/etc/bandstand/settings.json is damaged (its checksum does not match); "
        "its last good copy is used."
    )
    assert "/etc/bandstand/settings.json.damaged" in fault.hint
    store.mend(files)
    assert load(files) == found._replace(faults=())
    assert files.read(f"{store.OWN}.damaged") == torn
    assert _mode(files, f"{store.OWN}.damaged") == 0o600


def test_a_torn_copy_is_made_again(files: Files) -> None:
    _ = save(files, Accepted(own=FIRST))
    good = files.read(store.OWN)
    _ = files.write(f"{store.OWN}.last", "torn")
    assert not load(files).faults
    store.mend(files)
    assert files.read(f"{store.OWN}.last") == good


def test_with_nothing_good_left_nothing_is_mended(files: Files) -> None:
    _ = save(files, Accepted(own=FIRST))
    for name in (store.OWN, f"{store.OWN}.last"):
        _ = files.write(name, f"torn {name}")
    store.mend(files)
    assert files.read(store.OWN) == f"torn {store.OWN}"


def test_mending_what_is_good_writes_nothing(files: Files) -> None:
    _ = save(files, MEMBER)
    writes_left = [5]
    store.mend(Cut(files.root, writes_left))
    assert writes_left == [5]


def test_the_source_is_no_part_of_the_bytes(tmp_path: Path) -> None:
    """The same answers by any way give the same file (tests/firstboot shows the ways)."""
    texts: set[str | None] = set()
    for name in ("guestinfo", "console"):
        files = Files(tmp_path / name)
        _ = save(files, Accepted(own=FIRST, source=name))
        texts.add(files.read(store.OWN))
    assert len(texts) == 1


def test_a_torn_file_never_becomes_the_last_good_one(files: Files) -> None:
    _ = save(files, Accepted(own=FIRST, source=store.UNKNOWN))
    _ = save(files, Accepted(own=SECOND, source=store.UNKNOWN))
    _ = files.write(store.OWN, "torn")
    assert save(files, Accepted(own=FIRST, source=store.UNKNOWN))
    assert load(files) == Accepted(own=FIRST, source=store.UNKNOWN)
    _ = files.write(store.OWN, "torn again")
    assert load(files).own == FIRST


def test_a_torn_file_without_a_good_copy_is_told(files: Files) -> None:
    _ = save(files, Accepted(own=FIRST, source=store.UNKNOWN))
    for name in (store.OWN, f"{store.OWN}.last"):
        _ = files.write(name, "torn")
    found = load(files)
    assert found.own == Accepted().own
    assert "there is no good copy of it" in found.faults[0].message


def test_a_file_that_is_gone_is_told(files: Files) -> None:
    _ = save(files, Accepted(own=FIRST, source=store.UNKNOWN))
    _ = save(files, Accepted(own=SECOND, source=store.UNKNOWN))
    _ = files.remove(store.OWN)
    found = load(files)
    assert found.own == SECOND
    assert "is missing" in found.faults[0].message


def test_a_lost_secret_is_told_and_costs_itself_alone(files: Files) -> None:
    _ = save(files, Accepted(own=FIRST, source=store.UNKNOWN))
    for name in files.names("/etc/bandstand/secrets"):
        _ = files.remove(name)
    found = load(files)
    assert found.own.node.admin_password is None
    assert found.own.node.name == "node1"
    assert [fault.setting for fault in found.faults] == ["node.admin_password"]


def test_a_value_that_is_not_understood_any_more_costs_itself_alone(files: Files) -> None:
    shared = {"database.port": "many", "database.host": "db.example", "gone.setting": "x"}
    _ = save(files, Accepted(shared=shared, membership=Membership.MEMBER))
    found = load(files)
    assert found.shared == {"database.host": "db.example"}
    assert sorted(fault.setting for fault in found.faults) == ["database.port", "gone.setting"]
    assert found.effective().database.host == "db.example"


class Cut(Files):
    """Power fails at the write or removal number `left`, before it happens."""

    def __init__(self, root: Path, left: list[int]) -> None:
        super().__init__(root)
        self.left = left

    def write(
        self, name: str, content: str | bytes, *, mode: int = 0o644, owner: str | None = None
    ) -> bool:
        self._spend()
        return super().write(name, content, mode=mode, owner=owner)

    def remove(self, name: str) -> bool:
        self._spend()
        return super().remove(name)

    def _spend(self) -> None:
        if self.left[0] == 0:
            raise KeyboardInterrupt
        self.left[0] -= 1


def test_after_a_power_cut_at_any_write_the_old_or_the_new_holds(tmp_path: Path) -> None:
    """And never a half of each: name and password always belong together."""
    seen: set[str | None] = set()
    for place in range(20):
        root = tmp_path / str(place)
        _ = save(Files(root), Accepted(own=FIRST, source=store.UNKNOWN))
        _ = save(Files(root), Accepted(own=SECOND, source=store.UNKNOWN))
        _ = save(Files(root), Accepted(own=FIRST, source=store.UNKNOWN))
        with suppress(KeyboardInterrupt):
            _ = save(Cut(root, [place]), Accepted(own=SECOND, source=store.UNKNOWN))
        found = load(Files(root))
        assert found in (
            Accepted(own=FIRST, source=store.UNKNOWN),
            Accepted(own=SECOND, source=store.UNKNOWN),
        )
        assert secrets_of(found.own)
        seen.add(found.own.node.name)
        _ = save(Files(root), Accepted(own=SECOND, source=store.UNKNOWN))
        assert load(Files(root)) == Accepted(own=SECOND, source=store.UNKNOWN)
    assert seen == {"node1", "node2"}


def test_shared_values_outrank_while_a_member(files: Files) -> None:
    _ = save(files, MEMBER)
    effective = load(files).effective()
    assert effective.database.host == "shared.example"
    assert effective.database.password == Secret("staple it")
    assert effective.cluster.name == "c"
    assert effective.node == FIRST.node


@pytest.mark.parametrize(
    ("membership", "wanted"),
    [
        (Membership.NONE, "own.example"),
        (Membership.JOINING, "shared.example"),
        (Membership.MEMBER, "shared.example"),
    ],
)
def test_own_values_return_on_leaving(membership: Membership, wanted: str) -> None:
    assert MEMBER._replace(membership=membership).effective().database.host == wanted


def test_a_cluster_sets_what_is_the_clusters_and_the_web_pair_only() -> None:
    shared = {
        "node.name": "hijacked",
        "network.gateway": "none",
        "unknown.key": "x",
        "cluster.name": "c",
    }
    effective = MEMBER._replace(shared=shared).effective()
    assert effective.node.name == "node1"
    assert effective.network == FIRST.network
    assert effective.cluster.name == "c"


def test_what_the_cluster_leaves_blank_is_its_default_and_not_our_own() -> None:
    own = from_text({"database.host": "own.example", "database.port": "6000", "cluster.name": "o"})
    effective = MEMBER._replace(own=own, shared={"database.host": "shared.example"}).effective()
    assert effective.database.host == "shared.example"
    assert effective.database.port == 5432
    assert effective.cluster.name == "o"


def test_a_shared_value_that_cannot_be_read_is_refused_before_it_is_in_force() -> None:
    with pytest.raises(InputRefused, match=r"database\.port"):
        _ = MEMBER._replace(shared={"database.port": "many"}).effective()
