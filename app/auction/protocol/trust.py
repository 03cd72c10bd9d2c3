"""What a verifier trusts: the exchange's public keys, from outside the record, each with the period in which it signs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from app.auction.protocol.findings import Finding, Unreadable, finding
from app.auction.protocol.heads import SignedHead, key_id_of, verify_head
from app.auction.protocol.reading import read_hex, read_instant, read_list, read_object, read_text
from app.chain import instant

_KEYS = "keys"
_HEAD = "head"


class TrustedKey(NamedTuple):
    """One published key and its period; ``retired_at`` is None while it signs."""

    public_key: bytes
    valid_from: datetime
    retired_at: datetime | None


TrustedKeys = Mapping[str, TrustedKey]
"""Published keys by their ids."""


def read_keys(given: object) -> TrustedKeys:
    """Reads what ``GET /api/v1/signing-keys`` gives; raises Unreadable, also when an id is not its key's."""
    keys: dict[str, TrustedKey] = {}
    for item in read_list(read_object(given, _KEYS).get(_KEYS), _KEYS):
        key = read_object(item, _KEYS)
        public_key = read_hex(key, "public_key")
        if key_id_of(public_key) != read_text(key, "key_id"):
            raise Unreadable(_KEYS, "keys")
        retired_at = read_instant(key, "retired_at") if key.get("retired_at") is not None else None
        keys[key_id_of(public_key)] = TrustedKey(public_key, read_instant(key, "valid_from"), retired_at)
    if not keys:
        raise Unreadable(_KEYS, "keys")
    return keys


def read_head(given: object) -> SignedHead:
    """Reads a signed head; raises Unreadable."""
    try:
        head = SignedHead.read(read_object(given, _HEAD))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable(_HEAD, "head") from None
    if head.at.tzinfo is None or not 0 < head.first <= head.last:
        raise Unreadable(_HEAD, "head")
    return head


def find_forgery(head: SignedHead, keys: TrustedKeys, stream: str) -> Finding | None:
    """What is wrong with a head's signature, if anything; ``stream`` is how findings call its stream."""
    key = keys.get(head.key_id)
    if key is None:
        return finding("head-unknown-key", stream=stream, last=head.last, key_id=head.key_id)
    if not verify_head(head, key.public_key):
        return finding("head-forged", stream=stream, last=head.last)
    if head.at < key.valid_from or (key.retired_at is not None and head.at > key.retired_at):
        return finding(
            "head-out-of-period", stream=stream, last=head.last, at=instant(head.at), key_id=head.key_id
        )
    return None
