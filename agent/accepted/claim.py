"""What accepted settings ask the agent to do about a cluster, left for it as acts.

cluster.join  a join string        cluster.key  the same of the seeds and the key that were given
cluster.init  JSON, two lines: the settings that are the act itself, and what else it needs, such
              as the database, since the agent may not read the secrets of this node
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from agent.accepted import acts
from agent.settings.cluster import Cluster
from agent.settings.declaration import CORE, Settings
from agent.settings.declare import Row, Scope
from agent.settings.secret import Secret
from agent.system.files import Files
from agent.typed import Any
from agent.values.json_object import object_of, parse

JOIN, KEY, INIT = "cluster.join", "cluster.key", "cluster.init"
ALL = (JOIN, KEY, INIT)

_NEEDED = ("cluster", "database", "tls")


def put(files: Files, settings: Settings) -> None:
    """Leave what was not done or refused before; the newest alone, whatever waited until now."""
    cluster = settings.cluster
    if cluster.init:
        _put(files, INIT, _init(settings))
    elif cluster.join is not None:
        _put(files, JOIN, cluster.join)
    elif cluster.key is not None:
        _put(files, KEY, _join_string(cluster, cluster.key))
    else:
        _refresh(files, settings)


def _put(files: Files, key: str, act: Secret) -> None:
    if acts.put_act(files, key, act):
        for other in acts.pending(files):
            if other in ALL and other != key:
                acts.consume(files, other)


def _refresh(files: Files, settings: Settings) -> None:
    """An init that waits, for its database perhaps, goes on with the one that is accepted now."""
    waiting = acts.pending(files).get(INIT)
    if waiting is not None:
        act = waiting.reveal().partition("\n")[0]
        _ = acts.put_act(files, INIT, Secret(f"{act}\n{_as_json(settings, is_act=False)}"))


def texts_of(act: Secret) -> dict[str, str]:
    """The settings of an init; raises ValueError for what is none."""
    lines = act.reveal().splitlines()
    return {key: str(text) for line in lines for key, text in object_of(parse(line)).items()}


def _init(settings: Settings) -> Secret:
    return Secret(f"{_as_json(settings, is_act=True)}\n{_as_json(settings, is_act=False)}")


def _as_json(settings: Settings, *, is_act: bool) -> str:
    return json.dumps(dict(_texts(settings, is_act=is_act)), sort_keys=True)


def _texts(settings: Settings, *, is_act: bool) -> Iterator[tuple[str, str]]:
    for row in CORE.rows:
        if row.category in _NEEDED and (row.scope is Scope.ACT) is is_act:
            value = getattr(getattr(settings, row.category), row.name)
            if value != row.default:
                yield row.key, _text(row, value)


def _text(row: Row, value: Any) -> str:
    return value.reveal() if isinstance(value, Secret) else row.kind.format(value)


def _join_string(cluster: Cluster, key: Secret) -> Secret:
    """To the agent, seeds with a key are a join string that is not used up."""
    from agent.values import cluster_key, join_string
    from agent.values.join_string import JoinString

    secret = cluster_key.parse(key.reveal())
    return Secret(join_string.format(JoinString(cluster.seeds, secret)))
