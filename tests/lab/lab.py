"""The lab: a joined cluster of containers of the image's tree, left running until Ctrl-C.

Run as `python -m tests.lab.lab --nodes 3`.
"""

from __future__ import annotations

import argparse
import signal
import sys

from tests.lab import cluster, database
from tests.lab.call import LabError
from tests.lab.fleet import Fleet, image_tree
from tests.lab.network import Network
from tests.lab.node import Node
from tests.lab.progress import Progress
from tests.lab.relay import Relay
from tests.lab.site import Site, as_root

_MOST = 9
_EXPECTED_S = {"network and PostgreSQL": 5, "boot the nodes": 15, "form the cluster": 20}


def main(argv: list[str]) -> int:
    nodes = _wanted(argv)
    as_root()
    progress = Progress(_EXPECTED_S)
    try:
        with Site() as site:
            _run(site, nodes, progress)
    except LabError as error:
        progress.say(f"the lab failed: {error}")
        return 1
    except KeyboardInterrupt:
        progress.say("the lab is closed")
    return 0


def _wanted(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="lab", description="A cluster of containers.")
    parser.add_argument("--nodes", type=int, default=3, help=f"1 to {_MOST}")
    nodes: int = parser.parse_args(argv).nodes
    if not 1 <= nodes <= _MOST:
        parser.error(f"--nodes is {nodes}: 1 to {_MOST} would be accepted")
    return nodes


def _run(site: Site, wanted: int, progress: Progress) -> None:
    with progress.step("network and PostgreSQL"):
        network = Network(site)
        network.serve_dhcp()
        store = database.start(site, network)
        fleet = Fleet(site, network, image_tree())
    with progress.step("boot the nodes"):
        nodes = [_boot(fleet, f"node-{number}") for number in range(1, wanted + 1)]
    with progress.step("form the cluster"):
        fleet.form(nodes, store)
    _introduce(site, fleet, nodes, progress)
    progress.say("Ctrl-C closes the lab and takes everything away")
    signal.pause()


def _boot(fleet: Fleet, name: str) -> Node:
    return fleet.boot(fleet.make(name, {"node.name": name}))


def _introduce(site: Site, fleet: Fleet, nodes: list[Node], progress: Progress) -> None:
    names = {node.name: node.address for node in nodes}
    relay = Relay(fleet.network, {**names, cluster.HOSTNAME: nodes[0].address})
    site.later(relay.close)
    for node in nodes:
        shell = " ".join(fleet.containers[node.name].inside()[:4])
        progress.say(f"{node.name}  https://{node.address}/cluster   a shell: {shell} bash")
    proxy = f"http://127.0.0.1:{relay.port}"
    progress.say(f"their network is their own; the way in for a browser is the proxy {proxy}:")
    progress.say(f"  curl -k -L -x {proxy} https://{nodes[0].address}/cluster")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
