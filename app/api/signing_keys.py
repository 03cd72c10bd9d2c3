"""The exchange's public keys (签名公钥): what everybody checks receipts and bundles with."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from app.api.deps import DbDep, Wire
from app.api.routing import Router
from app.auction.protocol.publishing import list_keys

if TYPE_CHECKING:
    from app.auction.protocol.models import SigningKeyRow

router = Router(tags=["protocol"])


class SigningKeyOut(Wire):
    """A public key and the period in which it signs; ``public_key`` is its 32 bytes in hexadecimal."""

    key_id: str
    public_key: str
    valid_from: datetime
    retired_at: datetime | None


class SigningKeysOut(Wire):
    """All keys that were ever published; ``market verify --keys`` reads this file."""

    keys: list[SigningKeyOut]


def signing_key_of(key: SigningKeyRow) -> SigningKeyOut:
    """A key as it is published."""
    return SigningKeyOut(
        key_id=key.key_id,
        public_key=key.public_key.hex(),
        valid_from=key.valid_from,
        retired_at=key.retired_at,
    )


@router.get("/signing-keys", operation_id="list_signing_keys")
async def signing_keys(db: DbDep) -> SigningKeysOut:
    """Lists the exchange's public keys with their periods; open to everybody."""
    return SigningKeysOut(keys=[signing_key_of(key) for key in await db.read(list_keys)])
