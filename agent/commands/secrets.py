"""`bandstand node secrets`: which secrets still stand in vSphere's store, and how to blank them."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Mapping, Sequence

from agent.commands.answer import Answer, Group
from agent.commands.by_root import ask
from agent.errors import InputRefused
from agent.properties import answers_file, medium
from agent.status import words
from agent.system.host import Host
from agent.typed import Any
from agent.values.json_object import list_of, rows_of, text_of

# Nothing else goes into a command that somebody is to copy.
_SAFE = re.compile(r"[A-Za-z0-9_.-]+")
_ANSWERS_ON_DISC = tuple(f": {name.rpartition('/')[2]}" for name in answers_file.NAMES)
_PROPERTIES = "$v.ExtensionData.Config.VAppConfig.Property"


def add(group: Group) -> None:
    parser = group.add_parser(
        "secrets", help="which secrets still stand in vSphere's store, and how to blank them"
    )
    parser.set_defaults(run=run, host=Host())


def run(args: Namespace) -> Answer:
    """Exit 0 whether there are any or not; 3 where not all properties can be understood."""
    host: Host = args.host
    found = ask(host, "secrets", {})
    keys = [words.clean(key) for key in list_of(found.get("secrets"))]
    source = words.clean(found.get("source"))
    ways = ways_to_blank(keys, source) if keys else {}
    data = {**found, "blank": ways}
    unread = [
        f"{words.clean(row.get('setting'))}: {words.clean(row.get('message'))}"
        for row in rows_of(found.get("faults"))
    ]
    lines = [*_said(keys, source, ways, found), *_doubt(unread)]
    return Answer("\n".join(lines), data, InputRefused.exit_code if unread else 0)


def _said(
    keys: Sequence[str], source: str, ways: Mapping[str, str], found: Mapping[str, Any]
) -> list[str]:
    if not keys:
        looked = ", ".join(words.clean(one) for one in list_of(found.get("looked_at")))
        return ["No secret stands outside this node any more.", f"Looked at: {looked}"]
    return [
        f"These secrets still stand where they were given, in {source}:",
        *(f"  {key}" for key in keys),
        "Blank them; this node keeps what it accepted:",
        *(f"  {name}: {way}" for name, way in ways.items()),
    ]


def _doubt(unread: Sequence[str]) -> list[str]:
    return ["Not all could be read, so there may be more:", *unread] if unread else []


def ways_to_blank(keys: Sequence[str], source: str) -> dict[str, str]:
    """A line for each tool that fits the source; NAME is the machine's name there."""
    if text_of(source) in answers_file.NAMES:
        return {"editor": f"remove their lines from {source}"}
    if source.startswith(f"{medium.NAME}: "):
        return {"medium": "detach it; then erase it, or remove their lines from its file"}
    if source.startswith("disc in ") and source.endswith(_ANSWERS_ON_DISC):
        return {"disc": "disconnect the CD drive; then delete the image that was in it"}
    safe = ",".join(key for key in keys if _SAFE.fullmatch(key))
    return {
        "vSphere client": (
            "power the machine off; Configure, vApp Options, Properties: "
            "set the value of each to blank; power it on"
        ),
        "PowerCLI": (
            "$v=Get-VM NAME; $s=New-Object VMware.Vim.VirtualMachineConfigSpec; "
            "$s.VAppConfig=New-Object VMware.Vim.VmConfigSpec; "
            f"$s.VAppConfig.Property=@({_PROPERTIES} | "
            f"?{{'{safe}'.Split(',') -contains ($_.ClassId+'.'+$_.Id)}} | "
            "%{$_.Value=''; $p=New-Object VMware.Vim.VAppPropertySpec; "
            "$p.Operation='edit'; $p.Info=$_; $p}); $v.ExtensionData.ReconfigVM($s)"
        ),
        "govc": (
            "govc vm.change -vm NAME -e guestinfo.ovfEnv=   "
            "(on a host without vCenter; vCenter writes it anew from vApp Options)"
        ),
    }
