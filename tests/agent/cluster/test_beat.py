"""What a node reads from its own row."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from agent.cluster.beat import Heart, Own, Verdict, judge
from agent.cluster.draft import Wish
from agent.cluster.member import open_member
from agent.cluster.report import Belonging
from agent.cluster.store import heartbeat
from agent.cluster.store.heartbeat import Beat, Seen
from agent.cluster.store.pool import Pool
from agent.cluster.store.target import Target
from agent.errors import NotNow
from tests.fakes.cluster_node import NewNode

_OWN = Own("boot-1", 7)


@pytest.mark.parametrize(
    ("row", "own", "boot_id", "verdict"),
    [
        (Seen("boot-1", 7, 5), _OWN, "boot-1", Verdict.GO_ON),
        (Seen("boot-1", 7, 5), _OWN, "boot-2", Verdict.GO_ON),
        (Seen("boot-1", 8, 5), _OWN, "boot-1", Verdict.GO_ON),
        (Seen("boot-1", 8, 5), _OWN, "boot-2", Verdict.UNCLEAR),
        (Seen("boot-1", 8, 21), _OWN, "boot-2", Verdict.GO_ON),
        (Seen("boot-0", 6, 5), _OWN, "boot-1", Verdict.ROLLED_BACK),
        (Seen("boot-9", 8, 5), _OWN, "boot-1", Verdict.COPIED),
        (Seen("boot-1", 9, 5), _OWN, "boot-1", Verdict.COPIED),
        (Seen("", 0, None), None, "boot-1", Verdict.GO_ON),
        (Seen("boot-9", 40, 5), None, "boot-1", Verdict.COPIED),
        (Seen("boot-9", 40, 60), None, "boot-1", Verdict.GO_ON),
    ],
)
def test_reading_the_row(row: Seen, own: Own | None, boot_id: str, verdict: Verdict) -> None:
    assert judge(row, own, boot_id=boot_id, lost_s=20) is verdict


def _untold(_: str) -> None:
    return None


@pytest.mark.outside
def test_a_beat_over_a_row_that_moved_on_is_not_written(
    new_node: NewNode, target: Target, pool: Pool
) -> None:
    node = new_node("one")
    _ = node.resident.init(Wish(target), tell=_untold)
    beat = Beat(node.resident.require_member().identity.id, "boot", 1, "digest", "1.0")
    with pool.transaction() as connection:
        seen = heartbeat.read(connection, beat.node_id)
        assert seen is not None
        assert heartbeat.write(connection, beat, over=seen) == seen.seq + 1
        assert heartbeat.write(connection, beat, over=seen) is None
        other = replace(seen, seq=seen.seq + 1)
        assert heartbeat.write(connection, beat, over=other) is None


@pytest.mark.outside
def test_the_second_holder_of_a_state_stops_at_its_first_beat(
    new_node: NewNode, target: Target
) -> None:
    node = new_node("one")
    _ = node.resident.init(Wish(target), tell=_untold)
    copy = new_node("copy")
    _ = shutil.copytree(node.root, copy.root, dirs_exist_ok=True)
    _ = node.resident.round()
    member = node.resident.require_member()
    for _ in range(2):
        _ = Heart(member).beat()
    twin = open_member(copy.site())
    assert twin is not None
    with pytest.raises(NotNow, match="copy of this node"):
        _ = Heart(twin).beat()
    twin.close()
    _ = Heart(member).beat()
    copied = copy.restarted()
    _ = copied.resident.round()
    assert copied.resident.reporter.last.state is Belonging.FAILED
    assert copied.resident.reporter.last.faults[0].code == "conflict"
    copied.stop()
