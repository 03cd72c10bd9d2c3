"""Envelopes are opened by a worker with the key, once the market's clock has passed the deadline, and with a record."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.auction.closing import advance_auction
from app.auction.envelope_models import Envelope, SealingKey
from app.auction.envelopes import make_private_key
from app.auction.master_keys import make_ring
from app.auction.models import Auction
from app.auction.recording import AWARD_TASK
from app.auction.sale import driver
from app.auction.sealing import (
    MasterKeyNotNamed,
    SealedOpener,
    SealingNotReady,
    publish_sealing_key,
    register_master_key,
)
from app.audit import AuditRecord
from app.events import list_events
from app.ids import uuid7
from app.settings import Settings
from app.tasks import TaskRow
from tests.make_auction import START_FEN, STEP_FEN
from tests.make_sealed import make_master, make_sealed_sale, post_sealed, withdraw_sealed

if TYPE_CHECKING:
    from uuid import UUID

    from app.auction.master_keys import MasterRing
    from app.db import Session
    from tests.conftest import SetNow
    from tests.make_auction import MadeSale

HIGH_FEN = START_FEN + 7 * STEP_FEN


@pytest.fixture
async def master(session: Session) -> MasterRing:
    """The worker's master key, registered."""
    return await make_master(session)


@pytest.fixture
async def sale(session: Session, master: MasterRing) -> MadeSale:  # noqa: ARG001 - it has to be there first
    """A sealed sale with three bidders."""
    return await make_sealed_sale(session, bidders=3)


async def end_of(session: Session, sale_id: UUID) -> dict[str, Any]:
    """The body of the last public event, which has to be the end."""
    last = (await list_events(session, sale_id))[-1]
    assert last.kind == "auction_closed"
    body: dict[str, Any] = orjson.loads(last.body)
    return body


async def test_the_best_of_the_envelopes_wins_when_the_worker_opens_them(
    session: Session, master: MasterRing, sale: MadeSale, now_is: SetNow
) -> None:
    for party, amount_fen in zip(sale.bidders, (START_FEN, HIGH_FEN, START_FEN), strict=True):
        await post_sealed(session, sale.id, party, amount_fen)
    await now_is(session, sale.ends_at)
    assert await advance_auction(session, sale.id, None, SealedOpener(master)) == "sold"
    end = await end_of(session, sale.id)
    assert (end["winner"], end["price_fen"]) == (sale.codes[1], HIGH_FEN)
    record = (
        await session.execute(
            select(AuditRecord.detail).where(
                AuditRecord.action == "sealing-key.unwrapped", AuditRecord.subject_id == str(sale.id)
            )
        )
    ).scalar_one()
    assert record == {"master_key_id": master.key_id, "envelopes": 3}


async def test_what_was_replaced_or_withdrawn_is_never_opened(
    session: Session, master: MasterRing, sale: MadeSale, now_is: SetNow
) -> None:
    for amount_fen in (HIGH_FEN, START_FEN):
        await post_sealed(session, sale.id, sale.bidders[0], amount_fen)
    await post_sealed(session, sale.id, sale.bidders[1], HIGH_FEN)
    await withdraw_sealed(session, sale.id, sale.bidders[1])
    await now_is(session, sale.ends_at)
    openings = await SealedOpener(master)(await driver(session), sale.id)
    assert [(item.bidder, item.amount_fen) for item in openings] == [(sale.codes[0], START_FEN)]
    kept = select(func.count()).select_from(Envelope).where(Envelope.auction_id == sale.id)
    assert (await session.execute(kept)).scalar_one() == 3


async def test_two_bidders_who_chose_one_id_have_two_envelopes(
    session: Session, master: MasterRing, sale: MadeSale, now_is: SetNow
) -> None:
    same = uuid7()
    for party, amount_fen in zip(sale.bidders[:2], (START_FEN, HIGH_FEN), strict=True):
        await post_sealed(session, sale.id, party, amount_fen, same)
    await now_is(session, sale.ends_at)
    assert await advance_auction(session, sale.id, None, SealedOpener(master)) == "sold"
    assert (await end_of(session, sale.id))["winner"] == sale.codes[1]


async def test_nothing_is_opened_before_the_deadline(
    session: Session, master: MasterRing, sale: MadeSale, now_is: SetNow
) -> None:
    await post_sealed(session, sale.id, sale.bidders[0], START_FEN)
    await now_is(session, sale.ends_at - timedelta(microseconds=1))
    assert await advance_auction(session, sale.id, None, SealedOpener(master)) == "open"
    with pytest.raises(AssertionError, match="before their deadline"):
        await SealedOpener(master)(await driver(session), sale.id)
    unwrapped = select(AuditRecord.id).where(AuditRecord.action == "sealing-key.unwrapped")
    assert (await session.execute(unwrapped)).first() is None


@pytest.mark.parametrize("has_ring", [True, False])
async def test_a_worker_without_the_key_leaves_the_sale_to_one_that_has_it(
    session: Session, master: MasterRing, sale: MadeSale, now_is: SetNow, *, has_ring: bool
) -> None:
    await post_sealed(session, sale.id, sale.bidders[0], START_FEN)
    await now_is(session, sale.ends_at + timedelta(minutes=59))
    other = SealedOpener(make_ring(make_private_key()) if has_ring else None)
    assert await advance_auction(session, sale.id, None, other) == "open"
    due_at = (await session.execute(select(Auction.due_at).where(Auction.id == sale.id))).scalar_one()
    assert due_at == sale.ends_at + timedelta(minutes=59, seconds=10)
    assert await advance_auction(session, sale.id, None, SealedOpener(master)) == "sold"


async def test_a_key_that_stays_away_is_lost_and_the_sale_void_with_the_reason(
    session: Session, sale: MadeSale, master: MasterRing, now_is: SetNow
) -> None:
    await post_sealed(session, sale.id, sale.bidders[0], START_FEN)
    await now_is(session, sale.ends_at + timedelta(hours=1))
    other = SealedOpener(make_ring(make_private_key()))
    assert await advance_auction(session, sale.id, None, other) == "void"
    end = await end_of(session, sale.id)
    assert (end["outcome"], end["winner"], end["price_fen"]) == ("void", None, None)
    assert master.key_id in end["reason_zh"]
    assert master.key_id in end["reason_en"]
    promised = select(TaskRow.payload).where(TaskRow.name == AWARD_TASK)
    assert (await session.execute(promised)).scalar_one() == {"auction_id": str(sale.id)}


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE sealing_key SET wrapped_private_key = wrapped_private_key || '\\x00'::bytea WHERE auction_id = :id",
        "DELETE FROM sealing_key WHERE auction_id = :id",
        "UPDATE envelope SET ciphertext = set_byte(ciphertext, 50, get_byte(ciphertext, 50) # 1) WHERE auction_id = :id",
        "DELETE FROM envelope WHERE auction_id = :id",
    ],
)
async def test_keys_or_envelopes_that_were_spoilt_end_the_sale_void(
    session: Session, master: MasterRing, sale: MadeSale, now_is: SetNow, damage: str
) -> None:
    await post_sealed(session, sale.id, sale.bidders[0], START_FEN)
    for table in ("sealing_key", "envelope"):
        await session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
    await session.execute(text(damage.replace("::", "\\:\\:")), {"id": sale.id})
    await now_is(session, sale.ends_at)
    assert await advance_auction(session, sale.id, None, SealedOpener(master)) == "void"
    end = await end_of(session, sale.id)
    assert end["reason_zh"]
    assert end["reason_en"]


@pytest.mark.parametrize("table", ["master_key", "sealing_key", "envelope"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = NULL", "DELETE FROM {}"])
async def test_keys_and_envelopes_refuse_to_be_changed(
    session: Session, sale: MadeSale, table: str, change: str
) -> None:
    await post_sealed(session, sale.id, sale.bidders[0], START_FEN)
    column = "ciphertext" if table == "envelope" else "public_key"
    with pytest.raises(DBAPIError, match="append-only"):
        await session.execute(text(change.format(table, column)))


async def test_a_sealed_sale_publishes_its_key_and_an_open_one_has_none(
    session: Session, sale: MadeSale
) -> None:
    key = (
        await session.execute(select(SealingKey.public_key).where(SealingKey.auction_id == sale.id))
    ).scalar_one()
    first = orjson.loads((await list_events(session, sale.id))[0].body)
    assert first["sealing_key"] == key.hex()


async def test_without_a_master_key_no_sealed_sale_is_scheduled(session: Session) -> None:
    with pytest.raises(SealingNotReady):
        await make_sealed_sale(session)


async def test_the_master_key_registered_last_is_used(session: Session, master: MasterRing) -> None:
    await session.execute(text("SELECT pg_sleep(0.001)"))
    newer = await make_master(session)
    made = await make_sealed_sale(session)
    query = select(SealingKey.master_key_id).where(SealingKey.auction_id == made.id)
    assert (await session.execute(query)).scalar_one() == newer.key_id != master.key_id


async def test_a_key_that_the_settings_name_is_used_whatever_was_registered_later(
    session: Session, master: MasterRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKET_MASTER_PUBLIC_KEY", master.public_key.hex())
    await make_master(session)
    made = await make_sealed_sale(session)
    query = select(SealingKey.master_key_id).where(SealingKey.auction_id == made.id)
    assert (await session.execute(query)).scalar_one() == master.key_id
    monkeypatch.setenv("MARKET_MASTER_PUBLIC_KEY", "00" * 32)
    with pytest.raises(SealingNotReady):
        await publish_sealing_key(session, uuid7())


async def test_in_production_the_settings_must_name_the_key(
    session: Session,
    master: MasterRing,  # noqa: ARG001 - one is registered
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Settings, "_production_checks", lambda _: [])
    monkeypatch.setenv("MARKET_ENVIRONMENT", "production")
    with pytest.raises(MasterKeyNotNamed):
        await publish_sealing_key(session, uuid7())


async def test_registering_twice_keeps_one_key(session: Session, master: MasterRing) -> None:
    assert await register_master_key(session, master.public_key) == master.key_id
