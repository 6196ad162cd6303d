"""The reloader: has the users proxy on this host read again what a new revision changed, and confirms it.

Runs on hosts: only the standard library and psycopg.
"""
