"""Certificates for scripted carriers: by the authority of a lab, or by one that nobody knows."""

from __future__ import annotations

import datetime as dt
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from trunkline.phone.transport import TlsSettings


def issue(folder: Path, ip: str, authority: Path | None) -> TlsSettings:
    """Make a key and a certificate for an address.

    Args:
        folder: Gets both.
        ip: The address.
        authority: Folder with ``ca.crt`` and ``ca.key``; None: the certificate is its own authority.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"carrier at {ip}")])
    issuer, signer = name, key
    if authority:
        issuer = x509.load_pem_x509_certificate((authority / "ca.crt").read_bytes()).subject
        loaded = serialization.load_pem_private_key((authority / "ca.key").read_bytes(), None)
        signer = loaded  # type: ignore[assignment]
    now = dt.datetime.now(tz=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(ip))]), critical=False)
        .sign(signer, hashes.SHA256())
    )
    trusted = authority / "ca.crt" if authority else None
    files = TlsSettings(ca_file=trusted, certificate=folder / f"{ip}.crt", key=folder / f"{ip}.key")
    assert files.certificate
    assert files.key
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
