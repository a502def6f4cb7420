"""What must be given together to make a cluster or to join one by properties."""

from __future__ import annotations

from agent.settings.accept import accept
from agent.settings.cluster import Cluster

_KEY = "20000-20G33-0G2GP-C1R8X-1450G-P30DY-1R7M4-YF00C"
_INIT = {
    "cluster.init": "True",
    "cluster.admin_user": "operator",
    "cluster.admin_password": "correct horse",
    "cluster.recovery_public_key": "MCowBQYDK2VuAyEAhSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=",
    "database.host": "db.test",
    "database.name": "board",
    "database.user": "board",
}


def test_all_that_an_init_lacks_is_told_at_once_in_the_order_of_the_form() -> None:
    found = accept({"cluster.init": "True"})
    assert [fault.setting for fault in found.faults] == [
        "cluster.init",
        "cluster.admin_user",
        "cluster.admin_password",
        "cluster.recovery_public_key",
    ]
    assert "database.host, database.name, database.user are blank" in found.faults[0].message
    assert {fault.code for fault in found.faults} == {"missing"}
    assert found.refused == {"cluster"}


def test_what_is_wrong_is_not_told_as_missing_too() -> None:
    found = accept({**_INIT, "cluster.admin_user": "two words"})
    assert [fault.setting for fault in found.faults] == ["cluster.admin_user"]
    found = accept({"cluster.seeds": "n1", "cluster.key": "nonsense!"})
    assert [fault.setting for fault in found.faults] == ["cluster.key"]


def test_an_init_that_is_refused_costs_no_database() -> None:
    given = {key: text for key, text in _INIT.items() if key != "cluster.admin_user"}
    found = accept(given)
    assert found.refused == {"cluster"}
    assert found.settings.database.host == "db.test"
    assert found.settings.cluster == Cluster()


def test_a_whole_init_with_a_key_is_accepted() -> None:
    found = accept({**_INIT, "cluster.key": _KEY})
    assert found.faults == ()
    assert found.settings.cluster.init
    assert found.settings.cluster.is_claimed


def test_the_same_properties_for_a_whole_fleet_are_accepted_with_a_word() -> None:
    found = accept({**_INIT, "cluster.key": _KEY, "cluster.seeds": "n1"})
    assert found.faults == ()
    told = "cluster.seeds: not used, since cluster.init makes this node the first of its cluster"
    assert told in found.notices
    found = accept({**_INIT, "cluster.init": "False", "cluster.key": _KEY, "cluster.seeds": "n1"})
    assert found.faults == ()
    assert found.notices == (
        "cluster.admin_user, cluster.admin_password, cluster.recovery_public_key: "
        "not used, since cluster.init is off",
    )
