"""Machines, networks and firewalls by Pulumi: one program, one model of hosts, a provider per kind of machine."""
