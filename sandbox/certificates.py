"""The node's own certificate authority: made afresh for each sandbox, gone with it."""

import datetime
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME: Final = datetime.timedelta(days=30)
BOTH_ENDS: Final = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
CLOCK_SKEW: Final = datetime.timedelta(minutes=5)


@dataclass(frozen=True)
class Identity:
    """Who a certificate speaks for: to Kubernetes the common name is the user, the organization the group."""

    common_name: str
    organization: str | None = None
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


class Authority:
    """Signs the certificates of one sandbox, as RFC 5280 wants them; its key never leaves this process.

    Python 3.13 verifies strictly by default: each certificate names its authority's key, and the authority its own.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lifecycle-sandbox")])
        self._certificate = (
            _builder(self._name, self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        private_file(folder / "ca.crt", self._certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, file: str, identity: Identity) -> None:
        """Writes `file`.crt and `file`.key, good for client and server both."""
        key = ec.generate_private_key(ec.SECP256R1())
        parts = [x509.NameAttribute(NameOID.COMMON_NAME, identity.common_name)]
        if identity.organization:
            parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, identity.organization))
        names: list[x509.GeneralName] = [x509.DNSName(each) for each in identity.names]
        names += [x509.IPAddress(ipaddress.ip_address(each)) for each in identity.addresses]
        builder = (
            _builder(x509.Name(parts), self._name, key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(BOTH_ENDS), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        private_file(self.folder / f"{file}.crt", certificate.public_bytes(serialization.Encoding.PEM))
        private_file(self.folder / f"{file}.key", _pem(key))


def service_account_key(folder: Path) -> None:
    """`service-account.key`: signs the tokens that Pods are given, and its public half verifies them."""
    private_file(folder / "service-account.key", _pem(ec.generate_private_key(ec.SECP256R1())))


def private_file(path: Path, content: bytes) -> None:
    """Writes a file that is its owner's alone from the first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def private_folder(path: Path) -> None:
    """Makes a folder that is its owner's alone, or makes it so where it is there already."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + LIFETIME)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
