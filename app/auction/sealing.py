"""Sealed bids in the database: a sale's key pair is made when it is scheduled, and used once its deadline has passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.auction.closing import EnvelopesAway, EnvelopesLost
from app.auction.envelope_models import MasterKey, SealingKey
from app.auction.envelopes import Place, SaleKeys, Unreadable, key_id, make_sale_keys, unseal, unwrap
from app.auction.models import Auction
from app.auction.rules.game import ENDED, Opening
from app.errors import Conflict
from app.ids import uuid7
from app.settings import Settings

if TYPE_CHECKING:
    from datetime import timedelta

    import asyncpg

    from app.auction.master_keys import MasterRing
    from app.db import AnySession, Session

_log = structlog.get_logger()

# The last word of each party that asked to seal or to withdraw; what was replaced or withdrawn stays sealed for good.
READ_ENVELOPES = """
SELECT last.party_id, last.bid_id, admission.code, envelope.ciphertext
  FROM (SELECT DISTINCT ON (party_id) party_id, bid_id, kind FROM bid
         WHERE auction_id = $1 AND kind IN ('seal', 'withdraw') AND refusal IS NULL
         ORDER BY party_id, turn DESC) AS last
  JOIN admission ON admission.auction_id = $1 AND admission.party_id = last.party_id
  LEFT JOIN envelope ON envelope.auction_id = $1 AND envelope.party_id = last.party_id
                    AND envelope.bid_id = last.bid_id
 WHERE last.kind = 'seal'
 ORDER BY admission.code
"""

RECORD_UNWRAPPING = """
INSERT INTO audit_record (id, action, subject_kind, subject_id, detail)
VALUES ($1, 'sealing-key.unwrapped', 'auction', $2, jsonb_build_object('master_key_id', $3::text, 'envelopes', $4::int))
"""

# The condition on the deadline is the database's own, by the market's clock and under the sale's lock.
READ_KEY_AFTER_DEADLINE = """
SELECT auction.ends_at, market_now() - auction.ends_at AS waited, sealing_key.public_key,
       sealing_key.wrapped_private_key, sealing_key.master_key_id
  FROM auction LEFT JOIN sealing_key ON sealing_key.auction_id = auction.id
 WHERE auction.id = $1 AND auction.phase IN ('scheduled', 'open') AND auction.ends_at <= market_now()
"""


_NO_KEY = ("密封密钥不存在。", "the sealing key does not exist.")
_KEY_SPOILT = ("密封密钥无法解开。", "the sealing key cannot be unwrapped.")


@dataclass(eq=False)
class SealingNotReady(Conflict):
    """Sealed sales cannot be scheduled before a worker has registered the master key."""

    zh = "暂不能安排密封报价：后台进程尚未登记主密钥。"
    en = "Sealed sales cannot be scheduled yet: no worker has registered the master key."


@dataclass(eq=False)
class MasterKeyNotNamed(Conflict):
    """A production server that schedules sealed sales must name the master key."""

    zh = "暂不能安排密封报价：正式环境须设置 MARKET_MASTER_PUBLIC_KEY。"
    en = "Sealed sales cannot be scheduled yet: a production server must set MARKET_MASTER_PUBLIC_KEY."


async def register_master_key(session: Session, public_key: bytes) -> str:
    """Makes a master key the one that sales are wrapped under from now on; returns its name. Safe to run twice."""
    name = key_id(public_key)
    statement = insert(MasterKey).values(id=name, public_key=public_key)
    await session.execute(statement.on_conflict_do_nothing())
    return name


async def publish_sealing_key(session: Session, auction_id: UUID) -> str:
    """Makes a sale's key pair, keeps the private half wrapped and returns the public one in hex, to be published.

    Whoever schedules a sale has no master key: wrapping needs its public half alone, and the private half of the pair
    is forgotten here. Raises SealingNotReady.
    """
    keys = make_sale_keys(auction_id, await _find_master_key(session))
    session.add(SealingKey(auction_id=auction_id, **keys._asdict()))
    await session.flush()
    return keys.public_key.hex()


async def _find_master_key(session: Session) -> bytes:
    """The public half of the master key in use: the one that the settings name, or the last one registered.

    In production the settings must name it. Whoever can write to the database could otherwise register a key of its own
    and read what is sealed afterwards.
    """
    settings = Settings()
    query = select(MasterKey.public_key).order_by(MasterKey.registered_at.desc(), MasterKey.id)
    registered = list((await session.execute(query)).scalars())
    if settings.master_public_key is None and settings.environment == "production":
        raise MasterKeyNotNamed
    if settings.master_public_key is not None:
        named = bytes.fromhex(settings.master_public_key)
        registered = [key for key in registered if key == named]
    if not registered:
        raise SealingNotReady
    return registered[0]


@dataclass(frozen=True)
class MasterKeyUse:
    """A master key that was registered, and how many sales that have not ended are wrapped under it."""

    id: str
    public_key: bytes
    registered_at: datetime
    waiting: int


async def list_master_keys(session: AnySession) -> list[MasterKeyUse]:
    """Reads the master keys, the last registered first."""
    waiting = (
        select(func.count())
        .select_from(SealingKey)
        .join(Auction, Auction.id == SealingKey.auction_id)
        .where(SealingKey.master_key_id == MasterKey.id, Auction.phase.not_in(ENDED))
        .scalar_subquery()
    )
    query = select(MasterKey.id, MasterKey.public_key, MasterKey.registered_at, waiting.label("waiting"))
    rows = await session.execute(query.order_by(MasterKey.registered_at.desc(), MasterKey.id))
    return [MasterKeyUse(row.id, row.public_key, row.registered_at, row.waiting) for row in rows]


class SealedOpener:
    """Opens the envelopes of sales whose deadline has passed, with the worker's master keys."""

    def __init__(self, ring: MasterRing | None) -> None:
        """Without a ring nothing can be opened here."""
        self._ring = ring

    async def __call__(self, raw: asyncpg.Connection[Any], auction_id: UUID) -> list[Opening]:
        """Opens a sale's envelopes that count, and records that its key was unwrapped; needs the sale's lock.

        Nothing is unwrapped before the deadline, nor when nobody has sealed. Raises EnvelopesLost when they cannot be
        opened any more, and EnvelopesAway while another worker may still have the key.
        """
        key = await raw.fetchrow(READ_KEY_AFTER_DEADLINE, auction_id)
        if key is None:
            message = f"the envelopes of {auction_id} were asked for before their deadline"
            raise AssertionError(message)
        envelopes = await raw.fetch(READ_ENVELOPES, auction_id)
        if not envelopes:
            return []
        private_key = self._unwrap(auction_id, key)
        openings = [_open(private_key, auction_id, envelope) for envelope in envelopes]
        await raw.execute(RECORD_UNWRAPPING, uuid7(), str(auction_id), key["master_key_id"], len(openings))
        return openings

    def _unwrap(self, auction_id: UUID, row: asyncpg.Record) -> bytes:
        if row["public_key"] is None:
            raise EnvelopesLost(*_NO_KEY)
        keys = SaleKeys(row["public_key"], row["wrapped_private_key"], row["master_key_id"])
        master = None if self._ring is None else self._ring.keys.get(keys.master_key_id)
        if master is None:
            raise self._missing(auction_id, keys.master_key_id, row["waited"])
        try:
            return unwrap(master, auction_id, keys)
        except Unreadable:
            raise EnvelopesLost(*_KEY_SPOILT) from None

    def _missing(self, auction_id: UUID, name: str, waited: timedelta) -> EnvelopesLost | EnvelopesAway:
        """Waits for a worker with the key; only one that has keys, and not this one, says at last that it is lost."""
        _log.error("master_key_missing", auction_id=str(auction_id), master_key_id=name)
        if self._ring is None or waited < self._ring.lost_after:
            return EnvelopesAway(name)
        return EnvelopesLost(f"编号为 {name} 的主密钥已遗失。", f"the master key {name} is lost.")


def _open(private_key: bytes, auction_id: UUID, envelope: asyncpg.Record) -> Opening:
    place, code = Place(auction_id, envelope["party_id"], envelope["bid_id"]), envelope["code"]
    try:
        amount_fen, key = unseal(private_key, place, envelope["ciphertext"] or b"")
    except Unreadable:
        reason = f"竞买号 {code} 的密封报价无法开启。", f"the envelope of bidder {code} cannot be opened."
        raise EnvelopesLost(*reason) from None
    return Opening(code, str(place.bid_id), amount_fen, key.hex())
