"""A small declaration, one row of each sort that the descriptor tells apart."""

from __future__ import annotations

from agent.settings.declare import Kind, Row, Scope

TEXT: Kind[str] = Kind("text", str, str, "any text")
PEM: Kind[str] = Kind("pem", str, str, "PEM", multiline=True)
BOOLEAN: Kind[bool] = Kind("boolean", bool, str, "true or false", ovf_type="boolean")

ADDRESS = Row("network.address", TEXT, "Address", "Where it is.", "192.0.2.1/24", None, "DHCP")
SSH = Row("node.ssh", BOOLEAN, "SSH", "Whether SSH is on.", "True", None, "on if keys are given")
SWITCH = Row("node.console", BOOLEAN, "Console", "Whether it is on.", "", True, "on")
CERTIFICATE = Row("tls.certificate", PEM, "Certificate", "The chain.", "-----BEGIN", None, "`self`")
KEY = Row("tls.key", PEM, "Key", "The key.", is_secret=True, default=None, example="")
JOIN = Row(
    "cluster.join", TEXT, "Join string", "One-time.", "", None, "no", Scope.ACT, is_secret=True
)

ROWS = (ADDRESS, SSH, SWITCH, CERTIFICATE, KEY, JOIN)
