"""What a status looks like from vSphere: a few short texts by key, none of them a secret."""

from __future__ import annotations

from collections.abc import Mapping

from agent.status.words import clean
from agent.typed import Any
from agent.values.json_object import list_of, object_of, rows_of

# A host keeps them in the machine's configuration file, with other such keys.
_LONGEST = 200
# Both mean something in that file; the command that carries a value splits at no other character.
_NOT_TAKEN = str.maketrans({'"': "'", "\\": "/", "|": "/"})
_NONE = "none"


def texts(status: Mapping[str, Any]) -> dict[str, str]:
    """By key without its prefix, in the order of telling; none is blank, since hosts refuse that.

    `updated` is for whoever writes them: it tells when the others were.
    """
    said = {
        "state": status.get("state"),
        "phase": status.get("phase"),
        "fault": _fault(status),
        "address": _addresses(object_of(status.get("network"))),
        "url": status.get("url"),
        "fingerprint": _fingerprint(object_of(status.get("certificate"))),
        "cluster": _cluster(object_of(status.get("cluster"))),
    }
    return {key: _plain(value) for key, value in said.items()}


def _fault(status: Mapping[str, Any]) -> str:
    """The first one; the node itself tells the others."""
    faults = rows_of(status.get("faults"))
    if not faults:
        return ""
    first = f"{clean(faults[0].get('setting'))}: {clean(faults[0].get('message'))}"
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{first[: _LONGEST - len(more)]}{more}"


def _addresses(network: Mapping[str, Any]) -> str:
    found = [str(one).partition("/")[0] for one in list_of(network.get("addresses"))]
    return " ".join(found[:4])


def _fingerprint(certificate: Mapping[str, Any]) -> str:
    """As `openssl x509 -fingerprint -sha256` shows it."""
    digest = clean(certificate.get("sha256")).replace(":", "").upper()
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))


def _cluster(cluster: Mapping[str, Any]) -> str:
    said, name = clean(cluster.get("state")), clean(cluster.get("name"))
    return f"{said} of {name}" if said == "member" and name else said


def _plain(value: object) -> str:
    """Printable ASCII on one line."""
    text = clean(value).translate(_NOT_TAKEN).encode("ascii", errors="replace").decode()
    return text[:_LONGEST].strip() or _NONE
