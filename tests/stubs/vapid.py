"""A key that signs Web Push messages, as a file."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

CONTACT = "mailto:trial@site.example"


def write_key(folder: Path, curve: ec.EllipticCurve | None = None) -> Path:
    """Make a private key, of P-256 unless another curve is given."""
    file = folder / "vapid.pem"
    key = ec.generate_private_key(curve or ec.SECP256R1())
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return file
