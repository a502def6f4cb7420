"""Where the processes of a node are asked."""

APPLY = "/run/bandstand/apply.sock"
AGENT = "/run/bandstand/agent.sock"
