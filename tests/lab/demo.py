"""The demo: from the packed OVA to two joined nodes, and a table of what was checked.

Run as `python -m tests.lab.demo [OVA]`. Exit 0 only if every line of the table says yes.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.lab import checks, web
from tests.lab.call import LabError
from tests.lab.checks import Check, look
from tests.lab.guest import Guest
from tests.lab.kernel import Kernel, kernel
from tests.lab.pair import BUILD, Pair, ground, newest_ova
from tests.lab.progress import Progress
from tests.lab.site import Site, as_root

REPORT = BUILD / "demo"
_INTERRUPTED = 130
# Under emulation on two cores; the last report's own times are better.
_EXPECTED_S = {
    "unpack the OVA, make the network, start PostgreSQL": 15,
    "boot node-1: static address, e1000-82545em in slot 32": 70,
    "initialize the cluster on node-1": 15,
    "boot node-2: DHCP, vmxnet3 in slot 192, cluster.join": 70,
    "wait until both count two active members": 20,
    "check both nodes": 30,
    "boot both again, and compare": 80,
    "power off": 15,
}
_STEPS = tuple(_EXPECTED_S)


def main(argv: list[str]) -> int:
    as_root()
    REPORT.mkdir(parents=True, exist_ok=True)
    progress = Progress({**_EXPECTED_S, **_last_times()})
    table: list[Check] = []
    try:
        with Site() as site:
            ova = Path(argv[0]) if argv else newest_ova()
            table, facts = _show(site, ova, progress)
    except LabError as error:
        progress.say(f"the demo failed: {error}")
        return 1
    except KeyboardInterrupt:
        progress.say("interrupted: everything was taken away again")
        return _INTERRUPTED
    ok = bool(table) and all(check.ok for check in table)
    _report(table, progress, facts)
    progress.say(_text(table))
    progress.say(f"{'all yes' if ok else 'NOT all yes'} after {progress.total_s:.0f} s")
    return 0 if ok else 1


def _show(site: Site, ova: Path, progress: Progress) -> tuple[list[Check], dict[str, Any]]:
    progress.say(f"{ova.name}: {sum(_EXPECTED_S.values()) / 60:.0f} minutes or so without KVM")
    make, boot_1, form, boot_2, joined, examine, again, off = _STEPS
    with progress.step(make):
        pair = Pair(ground(site, ova))
    progress.say(f"        accelerator: {_accel(pair)}")
    try:
        with progress.step(boot_1):
            _ = pair.boot_first()
        _tell_substitutions(pair.first, progress)
        before = [look(pair.first.name, "/healthz before it has a cluster", _health(pair, 503))]
        pair.first.node.wait_serving(within_s=60)
        pair.first.picture(REPORT, "alone")
        with progress.step(form):
            _ = pair.form_cluster()
        with progress.step(boot_2):
            _ = pair.boot_second()
        _tell_substitutions(pair.second, progress)
        with progress.step(joined):
            pair.wait_joined()
        with progress.step(examine):
            table = [*before, *_examine(pair)]
        with progress.step(again):
            table += _again(pair)
    except LabError:
        _evidence(pair)
        raise
    with progress.step(off):
        pair.power_off()
    return table, _facts(pair, ova)


def _examine(pair: Pair) -> list[Check]:
    names = [guest.name for guest in pair.guests]
    table = [check for guest in pair.guests for check in _node(guest, pair, names)]
    nodes = [guest.node for guest in pair.guests]
    both = " and ".join(names)
    table.append(look(both, "one shared certificate", lambda: checks.one_certificate(nodes)))
    for guest in pair.guests:
        guest.picture(REPORT, "joined")
    return table


def _node(guest: Guest, pair: Pair, names: list[str]) -> Iterator[Check]:
    node, capacity = guest.node, pair.ground.hardware.capacity
    questions: dict[str, Callable[[], tuple[bool, str]]] = {
        "ens32 has its address, and is the only card": lambda: checks.card(node, guest.address),
        "cloud-init is off, and left nothing": lambda: checks.cloud_init_off(node),
        "no failed unit but open-vm-tools": lambda: checks.no_failed_unit(node),
        "HTTPS under the certificate it tells of": lambda: checks.served(node),
        "port 80 leads to HTTPS": lambda: _redirect(guest, pair),
        "`bandstand status --json` parses, and is ready": lambda: checks.status_parses(node),
        "both are active members": lambda: checks.members(node, names),
        "/healthz as a member": lambda: checks.health(node, 200),
        "only the port table listens": lambda: checks.only_the_port_table(node),
        "the disk has grown": lambda: checks.disk(node, capacity),
    }
    return (look(guest.name, what, see) for what, see in questions.items())


def _again(pair: Pair) -> list[Check]:
    """The second boot, which needs none of our code to have its network."""
    before = {guest.name: kernel(guest.node) for guest in pair.guests}
    pair.reboot()
    for guest in pair.guests:
        guest.picture(REPORT, "second-boot")
    equal = "second boot equal"
    return [look(guest.name, equal, _equal(guest, before[guest.name])) for guest in pair.guests]


def _equal(guest: Guest, before: Kernel) -> Callable[[], tuple[bool, str]]:
    def see() -> tuple[bool, str]:
        differs = kernel(guest.node).differs(before)
        return not differs, differs or "addresses, routes, rules and resolvers"

    return see


def _health(pair: Pair, wanted: int) -> Callable[[], tuple[bool, str]]:
    return lambda: checks.health(pair.first.node, wanted)


def _redirect(guest: Guest, pair: Pair) -> tuple[bool, str]:
    reply = web.get_plain(pair.network, guest.address, "/cluster")
    ok = reply.status in (301, 302, 307, 308) and reply.location.startswith("https://")
    return ok, f"{reply.status} {reply.location}"


def _tell_substitutions(guest: Guest, progress: Progress) -> None:
    for substitution in guest.machine.substitutions:
        progress.say(f"        {guest.name}: instead of VMware's, {substitution}")


def _evidence(pair: Pair) -> None:
    """What a person needs to see why it failed."""
    for log in pair.ground.site.folder.glob("*.log"):
        shutil.copy(log, REPORT / f"failed-{log.name}")
    for guest in pair.guests:
        if not guest.machine.running:
            continue
        (REPORT / f"{guest.name}-serial.log").write_text(guest.machine.serial.said)
        guest.picture(REPORT, "failed")
        said = guest.ssh.root("journalctl", "-b", "--no-pager") if guest.address else None
        (REPORT / f"{guest.name}-journal.log").write_text(said.stdout if said else "")


def _accel(pair: Pair) -> str:
    accel = pair.ground.accel
    return f"{'KVM' if accel.kvm else 'emulation (TCG)'}: {accel.why}"


def _facts(pair: Pair, ova: Path) -> dict[str, Any]:
    tally = pair.ground.tally
    return {
        "ova": ova.name,
        "ova_bytes": ova.stat().st_size,
        "accelerator": _accel(pair),
        "substitutions": {guest.name: guest.machine.substitutions for guest in pair.guests},
        "boots": tally.boots,
        "booted_again_after_a_panic": tally.panics,
        "pictures": sorted(path.name for path in REPORT.glob("*.png")),
    }


def _report(table: list[Check], progress: Progress, facts: dict[str, Any]) -> None:
    rows = [asdict(check) for check in table]
    whole = {**facts, "seconds": progress.took_s, "total_s": round(progress.total_s, 1)}
    (REPORT / "report.json").write_text(json.dumps({**whole, "checks": rows}, indent=2) + "\n")
    lines = [f"| {c.where} | {c.what} | {'yes' if c.ok else 'NO'} | {c.saw} |" for c in table]
    head = ["| where | what | so | seen |", "|---|---|---|---|"]
    times = [f"- {name}: {seconds} s" for name, seconds in progress.took_s.items()]
    (REPORT / "report.md").write_text("\n".join(["# The demo", "", *head, *lines, "", *times, ""]))


def _text(table: list[Check]) -> str:
    where = max(len(check.where) for check in table)
    what = max(len(check.what) for check in table)
    return "\n".join(
        f"{check.where:{where}}  {check.what:{what}}  {'yes' if check.ok else 'NO ':3}  {check.saw}"
        for check in table
    )


def _last_times() -> dict[str, float]:
    try:
        told: dict[str, float] = json.loads((REPORT / "report.json").read_text())["seconds"]
    except (OSError, ValueError, KeyError):
        return {}
    return told


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
