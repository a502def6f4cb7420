"""Make the node who it is to be: name, machine-id, host keys, account, SSH, time zone."""

from __future__ import annotations

from agent.node import cloud_init, host_keys, machine_id
from agent.node.account import AccountStep
from agent.node.name import NameStep, Naming
from agent.node.plan import NodePlan
from agent.node.ssh import SshStep
from agent.node.timezone import TimezoneStep
from agent.steps.step import Step, key_of
from agent.system import hostname
from agent.system.host import Host


def steps(plan: NodePlan, host: Host, *, rename: Naming = hostname.set_live) -> tuple[Step, ...]:
    """cloud-init goes first: what it left would speak against the rest."""
    name = NameStep(plan, host, rename)
    account = AccountStep(plan, host)
    ssh = SshStep(plan, host)
    zone = TimezoneStep(plan.timezone, host)
    return (
        Step(
            "node.cloud-init",
            lambda: cloud_init.remove(host),
            holds=lambda: cloud_init.is_gone(host),
        ),
        Step(
            "node.name", name.act, key_of(plan.name, plan.hosts), undo=name.undo, holds=name.holds
        ),
        Step(
            "node.machine-id", lambda: machine_id.make(host), holds=lambda: machine_id.is_made(host)
        ),
        Step(
            "node.host-keys",
            lambda: host_keys.make(host),
            holds=lambda: not host_keys.missing(host),
        ),
        Step("node.account", account.act, plan.account_key, undo=account.undo, holds=account.holds),
        Step("node.ssh", ssh.act, key_of(plan.has_ssh, plan.sshd), undo=ssh.undo, holds=ssh.holds),
        Step("node.timezone", zone.act, key_of(plan.timezone), undo=zone.undo, holds=zone.holds),
    )
