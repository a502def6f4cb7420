"""The files that are these services', and the one of systemd-networkd that is read.

Plain names, since every boot loads them to see whether there is anything to do.
"""

from __future__ import annotations

# Chrony takes the first of these two, and where there is none the distribution's pool.
TIME_GIVEN = "/etc/chrony/sources.d/bandstand.sources"
TIME_LEASED = "/run/chrony-dhcp/bandstand.sources"
TRUST_FOLDER, TRUST_PATTERN = "/usr/local/share/ca-certificates", "bandstand-*.crt"
TRUST_FIRST = f"{TRUST_FOLDER}/bandstand-1.crt"
# Led to that one; where the power went between the file and the store, it still does.
TRUST_LINK = "/etc/ssl/certs/bandstand-1.pem"
PROXY_FILE = "/etc/apt/apt.conf.d/90bandstand-proxy"
SOURCES = "/etc/apt/sources.list.d/debian.sources"
# The distribution's own, meanwhile; apt passes such a name over in silence.
SOURCES_KEPT = f"{SOURCES}.disabled"
UPDATES_FILE = "/etc/apt/apt.conf.d/90bandstand-updates"
KEYBOARD_FILE = "/etc/bandstand/keyboard"
SYSLOG_FILE = "/etc/bandstand/syslog.conf"

# What was left by whom, by setting: where one is there, the setting is looked after.
TRACES = {
    "node.keyboard": (KEYBOARD_FILE,),
    "network.ntp": (TIME_GIVEN, TIME_LEASED),
    "node.ca_certificates": (TRUST_FIRST, TRUST_LINK),
    "network.http_proxy": (PROXY_FILE,),
    "node.mirror": (SOURCES_KEPT,),
    "node.updates": (UPDATES_FILE,),
    "node.syslog": (SYSLOG_FILE,),
}
