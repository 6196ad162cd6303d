"""Hosts on this machine, for real."""
