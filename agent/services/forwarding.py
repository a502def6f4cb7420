"""What rsyslog is told: the journal, to one collector, kept on disk while that is away."""

from __future__ import annotations

from agent.values.urls import Url, split

SCHEMES = ("udp", "tcp", "tls")
FOLDER = "/var/lib/bandstand-syslog"
_STORE = "/etc/ssl/certs/ca-certificates.crt"


def configuration(collector: str) -> str:
    """rsyslog.conf(5): RFC 5424 messages, octet-counted where there is a connection."""
    url = split(collector, SCHEMES)
    return _CONFIGURATION.format(
        target=url.host, port=url.port, way=_way(url), store=_STORE, folder=FOLDER
    )


def _way(url: Url) -> str:
    if url.scheme == "udp":
        return 'protocol="udp"'
    way = 'protocol="tcp" TCP_Framing="octet-counted" KeepAlive="on"'
    if url.scheme == "tcp":
        return way
    return (
        f'{way}\n    StreamDriver="ossl" StreamDriverMode="1"\n    '
        f'StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="{url.host}"'
    )


# A collector that is away must neither stop the node nor fill its disk.
_CONFIGURATION = """\
global(workDirectory="{folder}" DefaultNetstreamDriverCAFile="{store}")
module(load="imjournal" StateFile="journal.state" PersistStateInterval="100")
action(
    type="omfwd" target="{target}" port="{port}" {way}
    template="RSYSLOG_SyslogProtocol23Format"
    action.resumeRetryCount="-1" action.resumeInterval="10" action.resumeIntervalMax="300"
    queue.type="LinkedList" queue.size="10000" queue.filename="forward"
    queue.maxDiskSpace="200m" queue.saveOnShutdown="on"
)
"""
