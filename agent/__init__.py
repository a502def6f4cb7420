"""Everything a node can do.

properties -> settings -> accepted -> change -> network, node, tls, serving, firewall
"""
