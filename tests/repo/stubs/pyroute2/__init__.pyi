from pyroute2.iproute.linux import IPRoute as IPRoute
