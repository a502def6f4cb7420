"""The database as it is met: refusals in sentences, migrations, and what a restart does."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from agent.certs.self_signed import self_signed
from agent.cluster.member import open_pool
from agent.cluster.store.migrate import Migration, known_migrations, migrate
from agent.cluster.store.pool import Pool
from agent.cluster.store.target import Papers, Target, TlsMode, target_of
from agent.errors import BandstandError, NotNow, NotReachable, RefusedByPeer
from agent.settings.secret import Secret
from agent.system.clock import Clock
from agent.system.files import Files
from tests.fakes.issuer import Issued, issue
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
    for ca, tls in ((None, TlsMode.REQUIRE), (right, TlsMode.VERIFY_FULL)):
        pool = Pool(dataclasses.replace(target, tls=tls), Papers(ca=ca))
        with pool.transaction() as connection:
            assert connection.execute("SELECT ssl FROM pg_stat_ssl").fetchone() == (True,)
        pool.close()
    strict = dataclasses.replace(target, tls=TlsMode.VERIFY_FULL)
    with (
        pytest.raises(RefusedByPeer, match="certificate of the PostgreSQL server"),
        Pool(strict, Papers(ca=wrong)).transaction(),
    ):
        pass


def test_a_server_that_asks_for_a_certificate_is_shown_the_given_one(
    own_server: Postgres, tmp_path: Path
) -> None:
    own_server.create("board", user="board", password=_WRONG)
    served = self_signed(["db.test"], [own_server.address], now=Clock().now())
    own_server.stop()
    own_server.serve_tls(served.certificate_pem, served.key_pem)
    now = Clock().now()
    begins, ends = now - timedelta(days=1), now + timedelta(days=1)
    authority = issue("authority", is_authority=True, begins=begins, ends=ends)
    own_server.ask_for_certificates(authority.pem)
    own_server.start()
    target = Target(own_server.address, "board", "board", Secret(""), own_server.port)
    refused = {
        "certificate it knows": (None, issue("board", begins=begins, ends=ends)),
        "does not take the client certificate": (
            issue("other", by=authority, begins=begins, ends=ends),
        ),
    }
    files = Files(tmp_path)
    for words, pairs in refused.items():
        for pair in pairs:
            with pytest.raises(RefusedByPeer, match=words) as caught:
                _select(files, _shown(target, pair))
            assert caught.value.code == "database-certificate"
    _select(files, _shown(target, issue("board", by=authority, begins=begins, ends=ends)))
    key = files.path("/var/lib/bandstand/identity/database-key.pem")
    assert key.stat().st_mode & 0o777 == 0o600
    open_pool(files, target).close()
    assert not key.exists()


def _shown(target: Target, pair: Issued | None) -> Target:
    if pair is None:
        return target
    return dataclasses.replace(target, certificate=pair.pem, key=Secret(pair.key_pem))


def _select(files: Files, target: Target) -> None:
    pool = open_pool(files, target)
    try:
        with pool.transaction() as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("board",)
    finally:
        pool.close()


def _written(folder: object, name: str, pair: object) -> str:
    from pathlib import Path

    path = Path(str(folder)) / name
    _ = path.write_text(getattr(pair, "certificate_pem", ""))
    return str(path)


def test_a_target_survives_as_text(target: Target) -> None:
    for tls, ca, key in ((None, "", ""), (TlsMode.VERIFY_FULL, "PEM", "KEY")):
        one = dataclasses.replace(target, tls=tls, ca=ca, certificate=ca, key=Secret(key))
        assert target_of(one.to_texts()) == one
