"""Debian 13 hosts on this machine: used by Pulumi's lab stack, by Molecule and by the call tests."""
