"""`bandstand cluster`: make one, enter one, let others in, see who is in it."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from agent.ask import sockets
from agent.ask.wire import call
from agent.commands.answer import Answer, Group
from agent.errors import UsageError
from agent.status import words
from agent.system.files import Files
from agent.system.host import Host
from agent.typed import Any
from agent.values.json_object import object_of, rows_of

# The longest silence: bringing a configuration in force, behind a first boot that holds the lock.
_PATIENCE_S = 240
# The agent comes some seconds after a login is offered.
_STARTS_WITHIN_S = 10
_LABEL_COLUMNS = 14
_RESUMED = (
    "An earlier init of this node was broken off. It was taken up and finished: the cluster\n"
    "{name} has the settings that were given then, not those given now.\n"
    "A recovery phrase that was shown before is void; the one below holds.\n\n"
)
_DATABASE = (
    ("host", "name or address of the PostgreSQL server"),
    ("port", "its port, 5432 unless given"),
    ("name", "the database, which is there and empty"),
    ("user", "the role that owns it"),
    ("tls", "verify-full, require or off"),
)
_FILES = (
    ("--database-ca", "database.ca", "PEM file of the CA that signed the server's certificate"),
    (
        "--certificate",
        "tls.certificate",
        "PEM file of the web certificate, unless the node has one",
    ),
    ("--key", "tls.key", "PEM file of its key"),
    (
        "--recovery-public-key",
        "cluster.recovery_public_key",
        "PEM file of an X25519 key that takes the place of the recovery phrase",
    ),
)
_RECOVERY_PHRASE = (
    "Recovery phrase   {phrase}\n\n"
    "Write it down and keep it away from the nodes: with it and the database the cluster\n"
    "can be rebuilt when every node is lost. It is shown this once and stored nowhere.\n\n"
)
_RECOVERY_KEY = (
    "Keep the private half of the recovery key away from the nodes: with it and the database\n"
    "the cluster can be rebuilt when every node is lost.\n\n"
)


def add(group: Group) -> None:
    parser = group.add_parser("cluster", help="make, join and look after the cluster")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    _add_init(verbs.add_parser("init", help="make a cluster; this is its first node"))
    join = verbs.add_parser("join", help="enter a cluster by a join string, or by seeds and a key")
    _ = join.add_argument("file", nargs="?", help="where the string or key is; else asked for")
    _ = join.add_argument(
        "--seed",
        action="append",
        metavar="HOST[:PORT]",
        help="a member to ask by the cluster key; may be repeated, and they are asked in turn",
    )
    join.set_defaults(run=run_join, host=Host())
    status = verbs.add_parser("status", help="the members, and how they stand")
    status.set_defaults(run=run_status, host=Host())
    token = verbs.add_parser("token", help="join strings: each lets one node in, once")
    _add_token(token)
    _add_key(verbs.add_parser("key", help="cluster keys: each lets in any node that has it"))


def _add_init(parser: ArgumentParser) -> None:
    for part, about in _DATABASE:
        _ = parser.add_argument(f"--database-{part}", metavar=part.upper(), help=about)
    _ = parser.add_argument(
        "--database-password-file", metavar="FILE", help="else the accepted one, else asked for"
    )
    for option, _key, about in _FILES:
        _ = parser.add_argument(option, metavar="FILE", help=about)
    _ = parser.add_argument("--admin-user", metavar="NAME", help="the first administrator")
    _ = parser.add_argument(
        "--admin-password-file", metavar="FILE", help="of the administrator; else asked for"
    )
    _ = parser.add_argument("--name", help="what people call the cluster")
    _ = parser.add_argument("--hostname", help="the name under which clients reach it")
    parser.set_defaults(run=run_init, host=Host())


def _add_token(parser: ArgumentParser) -> None:
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    create = verbs.add_parser("create", help="make one; it is shown once")
    _ = create.add_argument("--minutes", type=float, default=30, help="how long it is valid")
    _ = create.add_argument("--name", help="only a node of this name may use it")
    create.set_defaults(run=run_token_create, host=Host())
    listed = verbs.add_parser("list", help="those made, and what became of them")
    listed.set_defaults(run=run_token_list, host=Host())
    revoke = verbs.add_parser("revoke", help="make an open one void")
    _ = revoke.add_argument("id", help="its id, as the list shows it")
    revoke.set_defaults(run=run_token_revoke, host=Host())


def _add_key(parser: ArgumentParser) -> None:
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    create = verbs.add_parser("create", help="make one; it is shown once")
    create.set_defaults(run=run_key_create, host=Host())
    generate = verbs.add_parser(
        "generate", help="a fresh one for the property cluster.key of a cluster to come"
    )
    generate.set_defaults(run=run_key_generate)
    listed = verbs.add_parser("list", help="those made, and what became of them")
    listed.set_defaults(run=run_key_list, host=Host())
    revoke = verbs.add_parser("revoke", help="make one void; who came in by it stays")
    _ = revoke.add_argument("id", help="its id, as the list shows it")
    revoke.set_defaults(run=run_key_revoke, host=Host())


def run_init(args: Namespace) -> Answer:
    settings = {**_accepted(args.host), **_given(args)}
    if "database.password" not in settings:
        settings["database.password"] = _secret(args.database_password_file, "Database password: ")
    if args.admin_user is not None:
        settings["cluster.admin_password"] = _secret(
            args.admin_password_file, f"Password of {args.admin_user}: "
        )
    result = _ask(args, "cluster.init", {"settings": settings})
    phrase = str(result.get("recovery_phrase", ""))
    told = _RESUMED.format(name=words.clean(result.get("name"))) if result.get("resumed") else ""
    told += (
        "This node is the first of its cluster.\n\n"
        f"{_RECOVERY_PHRASE.format(phrase=phrase) if phrase else _RECOVERY_KEY}"
        "Next: bandstand cluster token create, on this node, for each node to come."
    )
    return Answer(told, result)


def run_join(args: Namespace) -> Answer:
    if args.seed:
        wanted = {"seeds": args.seed, "key": _secret(args.file, "Cluster key: ")}
    else:
        wanted = {"join": _secret(args.file, "Join string: ")}
    result = _ask(args, "cluster.join", wanted)
    return Answer(
        f"This node is a member of the cluster {words.clean(result.get('name'))}.", result
    )


def run_status(args: Namespace) -> Answer:
    result = _ask(args, "cluster.status", {})
    head = [f"{'Cluster':<{_LABEL_COLUMNS}}{words.clean(result.get('name')) or 'none'}"]
    head.append(f"{'State':<{_LABEL_COLUMNS}}{words.clean(result.get('state'))}")
    lines = [_member(row) for row in rows_of(result.get("members"))]
    faults = [f"! {words.clean(row.get('message'))}" for row in rows_of(result.get("faults"))]
    return Answer("\n".join((*head, *lines, *faults)), result)


def run_token_create(args: Namespace) -> Answer:
    wanted = {"minutes": args.minutes, **({} if args.name is None else {"name": args.name})}
    result = _ask(args, "cluster.token.create", wanted)
    told = (
        f"{words.clean(result.get('join_string'))}\n\n"
        f"It lets one node in, once, until {words.clean(result.get('expires_at'))}."
        " It is shown this once."
    )
    return Answer(told, result)


def run_token_list(args: Namespace) -> Answer:
    result = _ask(args, "cluster.token.list", {})
    lines = [
        f"{words.clean(row.get('id'))}  {words.clean(row.get('state')):<8}"
        f"  {words.clean(row.get('expires_at'))}  {words.clean(row.get('name'))}".rstrip()
        for row in rows_of(result.get("tokens"))
    ]
    return Answer("\n".join(lines) or "There is none.", result)


def run_token_revoke(args: Namespace) -> Answer:
    result = _ask(args, "cluster.token.revoke", {"id": args.id})
    return Answer(f"The join string {args.id} is void.", result)


def run_key_create(args: Namespace) -> Answer:
    result = _ask(args, "cluster.key.create", {})
    key_id = words.clean(result.get("id"))
    told = (
        f"{words.clean(result.get('key'))}\n\n"
        f"It lets in any node that has it, until it is revoked: bandstand cluster key revoke"
        f" {key_id}\nIt is shown this once."
    )
    return Answer(told, result)


def run_key_generate(_: Namespace) -> Answer:
    """Asks nobody: no cluster knows it until one is made with it."""
    from agent.values import cluster_key, join_string

    key = cluster_key.format(join_string.new_secret())
    return Answer(key, {"key": key})


def run_key_list(args: Namespace) -> Answer:
    result = _ask(args, "cluster.key.list", {})
    lines = [
        f"{words.clean(row.get('id'))}  {words.clean(row.get('state')):<8}"
        f"  made {words.clean(row.get('created_at'))}"
        f"  last used {words.clean(row.get('last_used_at')) or 'never'}"
        for row in rows_of(result.get("keys"))
    ]
    return Answer("\n".join(lines) or "There is none.", result)


def run_key_revoke(args: Namespace) -> Answer:
    result = _ask(args, "cluster.key.revoke", {"id": args.id})
    return Answer(f"The cluster key {args.id} is void. Who came in by it stays.", result)


def _member(row: dict[str, Any]) -> str:
    seen_s = row.get("last_seen_s")
    seen = f"{words.ago(seen_s)} ago" if isinstance(seen_s, int | float) else "never seen"
    name, state = words.clean(row.get("name")), words.clean(row.get("state"))
    return f"{name:<24}{state:<10}{words.clean(row.get('address')):<24}{seen}"


def _ask(args: Namespace, verb: str, content: dict[str, Any]) -> dict[str, Any]:
    def told(step: dict[str, Any]) -> None:
        name, state = words.clean(step.get("name")), words.clean(step.get("state"))
        if name and state in {"", "running"}:
            _ = sys.stderr.write(f"{name}\n")

    return object_of(
        call(
            args.host.files.place(sockets.AGENT),
            verb,
            content,
            on_step=told,
            timeout_s=_PATIENCE_S,
            starts_within_s=_STARTS_WITHIN_S,
            clock=args.host.clock,
        )
    )


def _given(args: Namespace) -> dict[str, str]:
    """What the command line says, by setting."""
    given: dict[str, str | None] = {
        f"database.{part}": getattr(args, f"database_{part}") for part, _ in _DATABASE
    }
    given |= {
        "cluster.name": args.name,
        "cluster.hostname": args.hostname,
        "cluster.admin_user": args.admin_user,
    }
    for option, key, _ in _FILES:
        name = getattr(args, option.removeprefix("--").replace("-", "_"))
        given[key] = _read(name) if name else None
    if args.database_password_file:
        given["database.password"] = _secret(args.database_password_file, "")
    return {key: text for key, text in given.items() if text is not None}


def _accepted(host: Host) -> dict[str, str]:
    """What the node was given before, as far as this user may read it."""
    from agent.accepted import store
    from agent.settings import normal

    settings = store.load(host.files).own
    secrets = {key: secret.reveal() for key, secret in normal.secrets_of(settings).items()}
    found = {**normal.to_text(settings), **secrets}
    return {
        key: text
        for key, text in found.items()
        if key.startswith(("database.", "cluster.", "tls."))
    }


def _secret(name: str | None, prompt: str) -> str:
    """From a file, a prompt, or the first line of standard input; never from an argument."""
    if name and name != "-":
        return _read(name).strip()
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline().strip()


def _read(name: str) -> str:
    text = Files().read(str(Path(name).absolute()))
    if text is None:
        raise UsageError(f"there is no file {name}")
    return text
