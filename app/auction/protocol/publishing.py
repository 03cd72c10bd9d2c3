"""Publishing the exchange's public keys (公布签名公钥): each with the period in which it signs, for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.auction.protocol.models import SigningKeyRow
from app.clock import market_now
from app.errors import Conflict, Missing

if TYPE_CHECKING:
    from datetime import datetime

    from app.auction.protocol.heads import Signer
    from app.db import AnySession, Session


@dataclass(eq=False)
class SigningKeyRetired(Conflict):
    """The signing key is retired: its period has ended."""

    key_id: str
    retired_at: datetime

    zh = "签名密钥 {key_id} 已于 {retired_at:instant} 停用，不能再用于签名。请换用新的密钥。"
    en = "The signing key {key_id} was retired at {retired_at:instant} and signs no more. Use a new key."


@dataclass(eq=False)
class SigningKeyInUse(Conflict):
    """The signing key is the one in use."""

    key_id: str

    zh = "签名密钥 {key_id} 正在使用。请先用 market keys rotate 换用新密钥，并重启所有进程。"
    en = "The signing key {key_id} is in use. Change to a new one first (market keys rotate) and restart all processes."


@dataclass(eq=False)
class SigningKeyMissing(Missing):
    """There is no such signing key."""

    key_id: str

    zh = "没有公布过编号为 {key_id} 的签名密钥。"
    en = "No signing key with the id {key_id} was ever published."


async def publish_key(session: Session, signer: Signer) -> None:
    """Publishes a signer's public key if it is not yet; any number of processes may start at once.

    Raises SigningKeyRetired.
    """
    row = insert(SigningKeyRow).values(
        key_id=signer.key_id, public_key=signer.public_key, valid_from=func.market_now()
    )
    await session.execute(row.on_conflict_do_nothing())
    query = select(SigningKeyRow).where(SigningKeyRow.key_id == signer.key_id)
    published = (await session.execute(query)).scalar_one()
    if published.retired_at is not None:
        raise SigningKeyRetired(signer.key_id, published.retired_at)


async def list_keys(session: AnySession) -> list[SigningKeyRow]:
    """All keys that were ever published, in the order of their periods."""
    query = select(SigningKeyRow).order_by(SigningKeyRow.valid_from, SigningKeyRow.key_id)
    return list((await session.execute(query)).scalars())


async def retire_key(session: Session, key_id: str, in_use: Signer) -> SigningKeyRow:
    """Ends a key's period now; to be called when no process signs with it any more.

    Raises SigningKeyMissing, SigningKeyInUse, SigningKeyRetired.
    """
    if key_id == in_use.key_id:
        raise SigningKeyInUse(key_id)
    query = select(SigningKeyRow).where(SigningKeyRow.key_id == key_id).with_for_update()
    row = (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()
    if row is None:
        raise SigningKeyMissing(key_id)
    if row.retired_at is not None:
        raise SigningKeyRetired(key_id, row.retired_at)
    row.retired_at = await market_now(session)
    await session.flush()
    return row
