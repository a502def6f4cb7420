"""Stages: what the node uses of others (time, proxy, CAs, collector, updates), and its keyboard."""
