"""The database as it is met: refusals in sentences, migrations, and what a restart does."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from agent.certs.self_signed import self_signed
from agent.cluster.store.migrate import Migration, known_migrations, migrate
from agent.cluster.store.pool import Pool
from agent.cluster.store.target import Target, TlsMode, target_of
from agent.errors import BandstandError, NotNow, NotReachable, RefusedByPeer
from agent.settings.secret import Secret
from agent.system.clock import Clock
from tests.lab.postgres import Postgres, postgres

_WRONG = "wrong battery"

pytestmark = pytest.mark.outside

Change = Callable[[Target], Target]


def _with(**changes: object) -> Change:
    return lambda target: dataclasses.replace(target, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "family", "code", "words"),
    [
        (
            _with(password=Secret(_WRONG)),
            RefusedByPeer,
            "database-password",
            "refuses the password",
        ),
        (_with(name="nowhere"), RefusedByPeer, "database-missing", "has no database nowhere"),
        (_with(user="nobody"), RefusedByPeer, "database-password", "of user nobody"),
        (_with(tls=TlsMode.REQUIRE), RefusedByPeer, "database-tls", "does not offer TLS"),
        (_with(tls=TlsMode.VERIFY_FULL), RefusedByPeer, "database-tls", "does not offer TLS"),
        (_with(port=1), NotReachable, "database-unreachable", "nothing listens there"),
        (
            _with(host="no.such.invalid"),
            NotReachable,
            "database-unreachable",
            # The other where this machine has no name server at all.
            "its name is not known|no name server says",
        ),
    ],
)
def test_a_refusal_is_a_sentence_without_secrets(
    target: Target, change: Change, family: type[BandstandError], code: str, words: str
) -> None:
    asked = change(target)
    with pytest.raises(family, match=words) as caught, Pool(asked).transaction():
        pass
    assert caught.value.code == code
    assert caught.value.hint
    said = str(caught.value) + caught.value.hint + repr(caught.value.__cause__)
    assert asked.password.reveal() not in said


def test_many_nodes_migrate_and_one_runs_each_migration(target: Target) -> None:
    pools = [Pool(target) for _ in range(12)]
    with ThreadPoolExecutor(len(pools)) as threads:
        applied = list(threads.map(migrate, pools))
    known = tuple(migration.number for migration in known_migrations())
    assert sorted(applied, reverse=True)[0] == known
    assert applied.count(()) == len(pools) - 1
    for pool in pools:
        pool.close()


def test_a_migration_that_fails_leaves_the_schema_as_it_was(target: Target) -> None:
    pool = Pool(target)
    _ = migrate(pool)
    broken = Migration(9000, "broken", "CREATE TABLE bandstand.half (); SELECT 1 / 0")
    with pytest.raises(BandstandError, match="division by zero"):
        _ = migrate(pool, (*known_migrations(), broken))
    with pool.transaction() as connection:
        found = connection.execute("SELECT to_regclass('bandstand.half')").fetchone()
    assert found == (None,)
    assert migrate(pool) == ()
    pool.close()


def test_a_schema_from_the_future_is_left_alone(target: Target) -> None:
    pool = Pool(target)
    newer = Migration(9000, "newer", "SELECT 1")
    assert 9000 in migrate(pool, (*known_migrations(), newer))
    with pytest.raises(NotNow, match="schema 9000") as caught:
        _ = migrate(pool)
    assert caught.value.code == "version"
    pool.close()


def test_a_changed_migration_is_not_taken_for_the_one_applied(target: Target) -> None:
    pool = Pool(target)
    _ = migrate(pool)
    first, *rest = known_migrations()
    with pytest.raises(BandstandError, match="is not the one"):
        _ = migrate(pool, (dataclasses.replace(first, sql="SELECT 1"), *rest))
    pool.close()


def test_what_fails_inside_is_taken_back(target: Target) -> None:
    pool = Pool(target)
    _ = migrate(pool)
    with pytest.raises(NotNow), pool.transaction() as connection:
        _ = connection.execute("INSERT INTO bandstand.change (kind, reference) VALUES ('a', 'b')")
        raise NotNow("changed our mind")
    with pool.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM bandstand.change").fetchone() == (0,)
    pool.close()


def test_a_busy_pool_lends_no_more_than_its_share(target: Target) -> None:
    pool, gate, most = Pool(target), threading.Event(), [0]

    def hold(_: int) -> int:
        with pool.transaction() as connection:
            _ = gate.wait(0.2)
            counted = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", (target.name,)
            ).fetchone()
        most[0] = max(most[0], int(counted[0]) if counted else 0)
        return 1

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(hold, range(8))) == 8
    assert most[0] <= 4
    pool.close()


@pytest.fixture
def own_server() -> object:
    with postgres() as running:
        yield running


def test_a_restarted_server_is_met_again(own_server: Postgres) -> None:
    own_server.create("board", user="board", password=_WRONG)
    target = Target(
        own_server.address, "board", "board", Secret(_WRONG), own_server.port, TlsMode.OFF
    )
    pool = Pool(target)
    with pool.transaction() as connection:
        _ = connection.execute("SELECT 1")
    own_server.stop()
    with pytest.raises(NotReachable), pool.transaction():
        pass
    own_server.start()
    with pool.transaction() as connection:
        assert connection.execute("SELECT 2").fetchone() == (2,)
    pool.close()


def test_the_servers_certificate_is_checked_as_asked(
    own_server: Postgres, tmp_path: object
) -> None:
    own_server.create("board", user="board", password=_WRONG)
    pair = self_signed(["db.test"], [own_server.address], now=Clock().now())
    other = self_signed(["db.test"], [own_server.address], now=Clock().now())
    own_server.stop()
    own_server.serve_tls(pair.certificate_pem, pair.key_pem)
    own_server.start()
    target = Target(own_server.address, "board", "board", Secret(_WRONG), own_server.port)
    right, wrong = _written(tmp_path, "right", pair), _written(tmp_path, "wrong", other)
    for ca_file, tls in ((None, TlsMode.REQUIRE), (right, TlsMode.VERIFY_FULL)):
        pool = Pool(dataclasses.replace(target, tls=tls), ca_file=ca_file)
        with pool.transaction() as connection:
            assert connection.execute("SELECT ssl FROM pg_stat_ssl").fetchone() == (True,)
        pool.close()
    strict = dataclasses.replace(target, tls=TlsMode.VERIFY_FULL)
    with (
        pytest.raises(RefusedByPeer, match="certificate of the PostgreSQL server"),
        Pool(strict, ca_file=wrong).transaction(),
    ):
        pass


def _written(folder: object, name: str, pair: object) -> str:
    from pathlib import Path

    path = Path(str(folder)) / name
    _ = path.write_text(getattr(pair, "certificate_pem", ""))
    return str(path)


def test_a_target_survives_as_text(target: Target) -> None:
    for tls, ca in ((None, ""), (TlsMode.VERIFY_FULL, "PEM")):
        one = dataclasses.replace(target, tls=tls, ca=ca)
        assert target_of(one.to_texts()) == one
