"""Seal and open what must be forgettable: one data key per subject, wrapped by the settings' key.

MongoDB's explicit client-side encryption (libmongocrypt): AEAD_AES_256_CBC_HMAC_SHA_512-Random, so the
server never sees plain text or data keys. The data keys lie in `subject_keys`, each wrapped by the master
key that its `masterKey.provider` names; without its data key what was sealed cannot be read by anybody,
in no backup either that is restored with the list of shredded subjects (`backend/services/shredding.py`).
"""

import hashlib
from collections.abc import Mapping
from typing import Any, NoReturn

import mongoengine
from bson.binary import Binary
from bson.codec_options import CodecOptions
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pymongo.encryption import ClientEncryption
from pymongo.errors import EncryptionError, PyMongoError

from backend.config import Config
from backend.errors import Unavailable

KEYS = "subject_keys"
_ALGORITHM = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"
# What libmongocrypt asks of a local master key, in bytes.
_MASTER_BYTES = 96
# Data keys are not kept in memory: a key that was destroyed opens nothing any more, in no process.
_KEPT_MS = 1
# In sealed bytes, after the one that names the algorithm's kind.
_KEY_ID = slice(1, 17)
_READY: dict[str, "Vault"] = {}


class SealedForGoodError(Exception):
    """The key is not there: what was sealed with it cannot be opened any more."""


class MasterKeyMissingError(Unavailable):
    """The key is there, wrapped by a master key that this process was not given: nothing is lost."""


class Vault:
    """The keys of one process."""

    def __init__(self, config: Config) -> None:
        """Take the master keys of the settings; the first one wraps new data keys."""
        masters = (
            config.encryption_key,
            config.encryption_key_next,
            config.encryption_key_previous,
        )
        given = {_provider(key): {"key": _master(key)} for key in masters if key is not None}
        self._masters = frozenset(given)
        self._present = _provider(config.encryption_key)
        self._keys: ClientEncryption[dict[str, Any]] = ClientEncryption(
            given,
            f"{config.mongodb_database}.{KEYS}",
            mongoengine.get_connection(),
            CodecOptions(tz_aware=True),
            key_expiration_ms=_KEPT_MS,
        )

    def make_key(self, name: str) -> None:
        """Make the data key of a name; where there is one already, it stays.

        Raises:
            pymongo.errors.PyMongoError: the database did not take it.
        """
        if self._keys.get_key_by_alt_name(name) is None:
            try:
                self._keys.create_data_key(self._present, key_alt_names=[name])
            except EncryptionError:
                # Another process was quicker, and the name's index is unique.
                if self._keys.get_key_by_alt_name(name) is None:
                    raise

    def seal(self, name: str, of: str, value: Mapping[str, Any]) -> Binary:
        """Seal a value with the key of a name; `of` says what it is the value of.

        Raises:
            SealedForGoodError: there is no such key.
            MasterKeyMissingError: it is wrapped by a master key that is not in the settings.
            pymongo.errors.PyMongoError: the database did not answer.
        """
        try:
            return self._keys.encrypt({"of": of, "value": value}, _ALGORITHM, key_alt_name=name)
        except EncryptionError as error:
            self._refuse(self._keys.get_key_by_alt_name(name), error)

    def open(self, of: str, sealed: bytes) -> dict[str, Any]:
        """Open what was sealed.

        Raises:
            SealedForGoodError: the key is gone, the bytes were changed, or it is another thing's.
            MasterKeyMissingError: the key is wrapped by a master key that is not in the settings.
            pymongo.errors.PyMongoError: the database did not answer.
        """
        try:
            opened: dict[str, Any] = self._keys.decrypt(Binary(sealed, 6))
        except EncryptionError as error:
            self._refuse(self._keys.get_key(Binary(sealed[_KEY_ID], 4)), error)
        if opened["of"] != of:
            # Copied here from another record: its own key opens it, and still it does not belong.
            raise SealedForGoodError
        value: dict[str, Any] = opened["value"]
        return value

    def _refuse(self, key: Mapping[str, Any] | None, error: EncryptionError) -> NoReturn:
        """Tell what is gone from what cannot be had just now: libmongocrypt's error is the same.

        Who took one for the other would drop a patient's words, or call them shredded.
        """
        if isinstance(error.cause, PyMongoError):
            raise error.cause
        if key is not None and key["masterKey"]["provider"] not in self._masters:
            raise MasterKeyMissingError from error
        raise SealedForGoodError from error

    def destroy_key(self, name: str) -> bool:
        """Destroy a key for good; False: there was none."""
        known = self._keys.get_key_by_alt_name(name)
        return known is not None and bool(self._keys.delete_key(known["_id"]).deleted_count)

    def wrap_again(self) -> int:
        """Wrap every data key that another master key wraps by the present one; give how many.

        Safe to repeat: a run that was cut off goes on with those that are left.
        """
        left = {"masterKey.provider": {"$ne": self._present}}
        done = self._keys.rewrap_many_data_key(left, provider=self._present).bulk_write_result
        return 0 if done is None else int(done.modified_count)


def open_vault(config: Config) -> None:
    """Make this process's vault; `backend.db.connect` calls it after connecting."""
    _READY["vault"] = Vault(config)


def vault() -> Vault:
    """Give the vault of this process."""
    return _READY["vault"]


def _provider(key: str) -> str:
    # Named by the key itself, so that two processes agree on which is which whatever their settings call it.
    return f"local:{hashlib.sha256(b'pro-ae master key' + key.encode()).hexdigest()[:12]}"


def _master(key: str) -> bytes:
    derive = HKDF(hashes.SHA512(), _MASTER_BYTES, None, b"pro-ae subject keys")
    return derive.derive(key.encode())
