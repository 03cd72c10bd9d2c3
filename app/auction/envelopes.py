"""Sealed envelopes (密封报价信封): the cryptography alone, without database, settings or clock.

HPKE (RFC 9180, base mode) with X25519, HKDF-SHA256 and ChaCha20-Poly1305, each message under a fresh ephemeral key.
``info`` binds an envelope to the one place it was made for: moved to another sale, party or request it cannot be opened.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

KEY_BYTES = 32
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_AMOUNT_BYTES = 8
_BID = b"market sealed bid 1\n"
_WRAP = b"market sealing key 1\n"


class Unreadable(Exception):
    """What was sealed cannot be opened with this key: another key, another place, or altered bytes."""


class Place(NamedTuple):
    """What an envelope belongs to: the sale, the party and its request."""

    auction_id: UUID
    party_id: UUID
    bid_id: UUID

    def info(self) -> bytes:
        """The place as the bytes that bind an envelope to it."""
        return _BID + b"".join(part.bytes for part in self)


class SaleKeys(NamedTuple):
    """A sale's key pair as it is kept: the public half, and the private one wrapped for a master key."""

    public_key: bytes
    wrapped_private_key: bytes
    master_key_id: str


def key_id(public_key: bytes) -> str:
    """The name of a key: 16 hex digits of the SHA-256 of its public half."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def make_private_key() -> bytes:
    """A fresh private key of 32 random bytes."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public_half(private_key: bytes) -> bytes:
    """The public half of a private key."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def make_sale_keys(auction_id: UUID, master_public_key: bytes) -> SaleKeys:
    """Makes a sale's key pair and wraps the private half for the master key, so that whoever makes it can forget it.

    The wrapping needs the master key's public half alone: a web process makes keys that only the worker can use.
    """
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    wrapped = _SUITE.encrypt(
        private.private_bytes_raw(),
        X25519PublicKey.from_public_bytes(master_public_key),
        info=_wrap_info(auction_id, public),
    )
    return SaleKeys(public, wrapped, key_id(master_public_key))


def unwrap(master_private_key: bytes, auction_id: UUID, keys: SaleKeys) -> bytes:
    """Unwraps a sale's private key; raises Unreadable when it is lost or was exchanged."""
    private = _open(master_private_key, keys.wrapped_private_key, _wrap_info(auction_id, keys.public_key))
    if len(private) != KEY_BYTES or public_half(private) != keys.public_key:
        message = "the wrapped key does not belong to the published one"
        raise Unreadable(message)
    return private


def seal(public_key: bytes, place: Place, amount_fen: int, key: bytes) -> bytes:
    """Seals an amount with the key of its commitment; all envelopes are of one length, so it tells nothing."""
    if len(key) != KEY_BYTES:
        message = f"the key of a commitment has {KEY_BYTES} bytes, not {len(key)}"
        raise ValueError(message)
    letter = amount_fen.to_bytes(_AMOUNT_BYTES, "big") + key
    return _SUITE.encrypt(letter, X25519PublicKey.from_public_bytes(public_key), info=place.info())


def unseal(private_key: bytes, place: Place, ciphertext: bytes) -> tuple[int, bytes]:
    """Opens an envelope: the amount and the key of its commitment; raises Unreadable."""
    letter = _open(private_key, ciphertext, place.info())
    if len(letter) != _AMOUNT_BYTES + KEY_BYTES:
        message = f"a letter of {len(letter)} bytes"
        raise Unreadable(message)
    return int.from_bytes(letter[:_AMOUNT_BYTES], "big"), letter[_AMOUNT_BYTES:]


def _wrap_info(auction_id: UUID, public_key: bytes) -> bytes:
    return _WRAP + auction_id.bytes + public_key


def _open(private_key: bytes, ciphertext: bytes, info: bytes) -> bytes:
    try:
        return _SUITE.decrypt(ciphertext, X25519PrivateKey.from_private_bytes(private_key), info=info)
    except (InvalidTag, ValueError) as error:
        message = "it does not open with this key"
        raise Unreadable(message) from error
