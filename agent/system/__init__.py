"""The only doors to the outside world: processes, files, clock, systemd, netlink, nginx, http."""
