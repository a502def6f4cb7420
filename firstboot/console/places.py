"""Where the console mends a setting: the item of home's menu, by name. Made from no declaration,
which the first picture would have to wait for.
"""

from __future__ import annotations

# By category, and the settings that another item has.
_CATEGORIES = {
    "network": "network",
    "node": "advanced",
    "portal": "advanced",
    "tls": "certificate",
}
_OTHERS = {
    **dict.fromkeys(
        ("node", "node.name", "node.admin_password", "node.ssh", "node.ssh_keys"), "node"
    ),
    **dict.fromkeys(
        ("network.ntp", "network.http_proxy", "network.https_proxy", "network.no_proxy"), "advanced"
    ),
    "node.keyboard": "display",
    "node.console": "",
    "cluster.join": "cluster",
}


def place(setting: str) -> str:
    """Blank where this console has no form for it."""
    return _OTHERS.get(setting, _CATEGORIES.get(setting.partition(".")[0], ""))
