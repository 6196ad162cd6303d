"""A certificate that is soon over, with other names and another kind of key, was replaced; the authority was not."""

from __future__ import annotations

from pathlib import Path

from testinfra.host import Host

FOLDER = "/etc/trunkline/tls"


def test_the_certificate_is_new(host: Host) -> None:
    host.check_output(f"openssl x509 -in {FOLDER}/host.crt -noout -checkend {80 * 86400}")


def test_it_has_the_new_names(host: Host) -> None:
    names = host.check_output(f"openssl x509 -in {FOLDER}/host.crt -noout -ext subjectAltName")
    for name in ("proxy.example.net", "acme.example.net", "globex.example.net"):
        assert f"DNS:{name}" in names
    assert "DNS:px1" not in names


def test_it_has_the_new_kind_of_key(host: Host) -> None:
    assert "3072 bit" in host.check_output(f"openssl pkey -in {FOLDER}/host.key -noout -text").splitlines()[0]


def test_the_authority_is_the_one_that_was_there(host: Host) -> None:
    certificate = Path(host.ansible.get_variables()["trunkline_stack_root"]) / "ca" / "ca.crt"
    assert host.check_output(f"cat {FOLDER}/ca.crt").strip() == certificate.read_text().strip()
    assert "Trunkline internal authority" in host.check_output(f"openssl x509 -in {FOLDER}/ca.crt -noout -subject")
    host.check_output(f"openssl verify -x509_strict -CAfile {FOLDER}/ca.crt {FOLDER}/host.crt")
