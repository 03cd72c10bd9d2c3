"""The world of the ledger's bench: parties, two people of the finance desk, deposits and releases that wait.

Organisations, people and settlements are base rows; all money in it comes by the program's own operations.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, text

from app.accounts.finding import caller_of
from app.accounts.models import Organisation, Person, PersonRole
from app.accounts.permissions import Role
from app.ids import uuid7
from app.payments.deposits import BankLine, request_deposit
from app.payments.ledger import Posting, Subject, for_deposit, post_transfers
from app.payments.models import Deposit
from app.payments.rules import (
    Account,
    AccountKind,
    DepositStatus,
    Entry,
    Transfer,
    TransferKind,
    receive_deposit,
)
from app.settlement.models import EscrowRelease, Settlement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Database, Session

DEPOSIT_FEN = 1_000_000
PRICE_FEN = 5_000_000
_AT_ONCE = 500
_DAY = date(2026, 1, 5)


@dataclass(frozen=True)
class World:
    """Who takes part: two people of the finance desk and parties, by id and name."""

    first: Caller
    second: Caller
    parties: list[tuple[UUID, str]]


async def make_world(session: Session, parties: int) -> World:
    """Organisations that are recognisably invented, and two people who may move money."""
    exchange = Organisation(name="演示交易所（虚构）", kind="exchange", is_fictional=True)
    others = [
        Organisation(name=f"演示买方{n}（虚构）", kind="company", is_fictional=True) for n in range(parties)
    ]
    session.add_all([exchange, *others])
    await session.flush()
    desk = []
    for name in ("演示财务甲", "演示财务乙"):
        person = Person(
            organisation_id=exchange.id,
            login=f"bench-{uuid7().hex}",
            name=name,
            password_hash="none",  # noqa: S106 - nobody signs in
        )
        session.add(person)
        await session.flush()
        session.add(PersonRole(person_id=person.id, role=Role.FINANCE))
        await session.flush()
        desk.append(await caller_of(session, person.id))
    return World(desk[0], desk[1], [(other.id, other.name) for other in others])


async def make_deposits(
    session: Session, world: World, count: int, listing_id: UUID | None = None
) -> list[tuple[UUID, BankLine]]:
    """Deposits that are due, of one listing or each of its own, with the bank's line that pays each."""
    made = []
    for place in range(count):
        party_id, name = world.parties[place % len(world.parties)]
        deposit = await request_deposit(
            session, party_id=party_id, listing_id=listing_id or uuid7(), amount_fen=DEPOSIT_FEN
        )
        made.append((deposit.id, BankLine(DEPOSIT_FEN, name, f"BENCH{deposit.id.hex}", _DAY)))
    return made


async def receive_deposits(
    session: Session, world: World, listing_id: UUID, places: Sequence[int], now: datetime
) -> None:
    """Many deposits of one listing, asked for and received in a few statements, by the ledger's own posting."""
    rows: list[dict[str, Any]] = [
        {
            "id": uuid7(),
            "party_id": world.parties[place % len(world.parties)][0],
            "listing_id": listing_id,
            "amount_fen": DEPOSIT_FEN,
            "reference": f"BZ{uuid7().hex}",
            "status": DepositStatus.HELD,
            "held_at": now,
        }
        for place in places
    ]
    await session.execute(insert(Deposit), rows)
    postings = [
        for_deposit(row["id"], receive_deposit(row["party_id"], DEPOSIT_FEN), f"received:{row['id']}")
        for row in rows
    ]
    await post_transfers(session, postings, person_id=world.first.person_id)


async def make_releases(database: Database, world: World, count: int) -> list[UUID]:
    """Releases that the first person has asked for, each of a settlement whose price is in escrow."""
    made: list[UUID] = []
    for start in range(0, count, _AT_ONCE):
        made += await database.write(_make_releases, world, min(_AT_ONCE, count - start))
    return made


async def _make_releases(session: Session, world: World, count: int) -> list[UUID]:
    # A deal and its contract are not what is measured: the settlement stands without them, in this database alone.
    await session.execute(text("SET LOCAL session_replication_role = replica"))
    now = await _now(session)
    settlements = [_settlement(world, place, now) for place in range(count)]
    await session.execute(insert(Settlement), settlements)
    fee = PRICE_FEN // 100
    releases: list[dict[str, Any]] = [
        {
            "id": uuid7(),
            "settlement_id": row["id"],
            "amount_fen": PRICE_FEN,
            "seller_fen": PRICE_FEN - fee,
            "fee_fen": fee,
            "commission_fen": 0,
            "requested_by": world.first.person_id,
        }
        for row in settlements
    ]
    await session.execute(insert(EscrowRelease), releases)
    await session.execute(text("SET LOCAL session_replication_role = origin"))
    postings = [Posting(Subject("payable", uuid7()), _price(row["deal_id"])) for row in settlements]
    await post_transfers(session, postings, person_id=world.first.person_id)
    return [row["id"] for row in releases]


def _settlement(world: World, place: int, now: datetime) -> dict[str, Any]:
    """A settlement of an assignment whose price is paid and whose recordal is reviewed."""
    return {
        "id": uuid7(),
        "deal_id": uuid7(),
        "contract_id": uuid7(),
        "seller_id": world.parties[place % len(world.parties)][0],
        "buyer_id": world.parties[1][0],
        "price_fen": PRICE_FEN,
        "deposit_fen": 0,
        "due_fen": PRICE_FEN,
        "kind": "one_off",
        "status": "rights_recorded",
        "began_on": _DAY,
        "proposer_id": world.parties[0][0],
        "proposed_by": world.first.person_id,
        "agreed_by": world.first.person_id,
        "fee_fen": PRICE_FEN // 100,
        "buyer_fee_fen": 0,
        "commission_bp": 0,
        "received_fen": PRICE_FEN,
        "recordal_no": "SX202600001",
        "recordal_on": _DAY,
        "recordal_sha256": "0" * 64,
        "recordal_by": world.first.person_id,
        "reviewed_by": world.first.person_id,
        "reviewed_at": now,
    }


def _price(deal_id: UUID) -> Transfer:
    escrow = Account(AccountKind.PRICE_ESCROW, deal_id=deal_id)
    entries = (Entry(Account(AccountKind.BANK), PRICE_FEN), Entry(escrow, -PRICE_FEN))
    return Transfer(TransferKind.PAYABLE_RECEIVED, entries)


async def _now(session: Session) -> datetime:
    moment: datetime = (await session.execute(text("SELECT market_now()"))).scalar_one()
    return moment
