"""A host's certificate is accepted by the strictest verification there is, and its key is closed to others."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path

import pytest
from testinfra.host import Host

FOLDER = "/etc/trunkline/tls"
SERVER = f"""
import socket, ssl
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain("{FOLDER}/host.crt", "{FOLDER}/host.key")
server = socket.create_server(("127.0.0.1", 4433))
context.wrap_socket(server.accept()[0], server_side=True).sendall(b"hello")
"""
CLIENT = f"""
import socket, ssl, sys, time
context = ssl.create_default_context(cafile="{FOLDER}/ca.crt")
assert context.verify_flags & ssl.VERIFY_X509_STRICT, "Python 3.13 sets it"
for _ in range(50):
    try:
        plain = socket.create_connection(("127.0.0.1", 4433))
        break
    except ConnectionRefusedError:
        time.sleep(0.1)
print(context.wrap_socket(plain, server_hostname=sys.argv[1]).recv(10).decode())
"""


def connect(host: Host, name: str) -> tuple[int, str]:
    """Make a TLS connection on the host to itself; return exit code and output of the client."""
    server = threading.Thread(target=host.run, args=("timeout 20 python3 -c %s", SERVER))
    server.start()
    done = host.run("timeout 15 python3 -c %s %s", CLIENT, name)
    server.join()
    return done.rc, done.stdout + done.stderr


def test_strict_python_accepts_the_certificate_for_the_name(host: Host) -> None:
    code, output = connect(host, host.check_output("hostname"))
    assert code == 0, output
    assert output.strip() == "hello"


def test_strict_python_accepts_the_certificate_for_the_address(host: Host) -> None:
    code, output = connect(host, host.check_output("hostname -I").split()[0])
    assert code == 0, output


def test_another_name_is_refused(host: Host) -> None:
    code, output = connect(host, "other.example.net")
    assert code != 0
    assert "certificate is not valid for 'other.example.net'" in output


def test_the_key_is_for_root_and_the_group_only(host: Host) -> None:
    key = host.file(f"{FOLDER}/host.key")
    assert (key.user, key.group, key.mode) == ("root", "trunkline-tls", 0o640)


@pytest.mark.parametrize(
    "line", ["X509v3 Basic Constraints: critical", "X509v3 Key Usage: critical", "X509v3 Authority Key Identifier:"]
)
def test_extensions_of_the_certificate(host: Host, line: str) -> None:
    text = host.check_output(f"openssl x509 -in {FOLDER}/host.crt -noout -text")
    assert line in text
    assert "DNS:" in text


def test_the_key_of_the_authority_stays_on_the_controller(host: Host) -> None:
    variables = host.ansible.get_variables()
    folder = Path(variables["trunkline_stack_root"]) / "ca"
    assert (folder / "ca.key").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert host.check_output(f"cat {FOLDER}/ca.crt").strip() == (folder / "ca.crt").read_text().strip()
    assert not host.file(f"{FOLDER}/ca.key").exists


def test_the_controller_can_use_the_authority(host: Host) -> None:
    folder = Path(host.ansible.get_variables()["trunkline_stack_root"]) / "ca"
    context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    assert context.get_ca_certs()
