"""The code of the platform runs on a host, with Debian's libraries, and is the code of this repository."""

from __future__ import annotations

from testinfra.host import Host

from trunkline.wheel import digest

PYTHON = "/opt/trunkline/bin/python"


def test_the_package_can_be_imported(host: Host) -> None:
    place = host.check_output(f"{PYTHON} -c 'import trunkline; print(trunkline.__file__)'")
    assert place.startswith("/opt/trunkline/lib/")


def test_the_database_driver_is_debians(host: Host) -> None:
    place = host.check_output(f"{PYTHON} -c 'import psycopg; print(psycopg.__file__)'")
    assert place.startswith("/usr/lib/python3/dist-packages/")


def test_the_code_for_hosts_needs_nothing_else(host: Host) -> None:
    modules = "trunkline.database.connect, trunkline.database.migrate, trunkline.callflow"
    host.check_output(f"{PYTHON} -c 'import {modules}'")


def test_migrations_are_in_the_package(host: Host) -> None:
    code = "from trunkline.database.migrate import shipped; print(len(shipped()))"
    assert int(host.check_output(f"{PYTHON} -c '{code}'")) > 0


def test_the_note_names_the_sources_of_this_repository(host: Host) -> None:
    notes = host.check_output("ls /opt/trunkline | grep installed-").split()
    assert notes == [f"installed-{digest()[:16]}"]


def test_no_wheel_stays_behind(host: Host) -> None:
    assert not host.check_output("find /opt/trunkline -name '*.whl' -not -path '*/ensurepip/*'")
