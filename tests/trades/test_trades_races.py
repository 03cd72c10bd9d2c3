"""Races for listings, deposits and deals: real commits, and for each lock a twin that takes it away and goes wrong."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from app.accounts.permissions import Role
from app.auction import sale
from app.auction.models import Auction
from app.errors import MarketError
from app.payments import deposits, ledger
from app.payments.deposits import record_receipt, settle_deposits
from app.payments.errors import AccountOverdrawn, BankReferenceUsed, DepositStateForbids
from app.payments.ledger import for_deposit, post_transfers
from app.payments.models import Deposit, LedgerTransfer
from app.payments.queries import get_balance, get_deposit
from app.payments.rules import Account, AccountKind, release_deposit
from app.trades import admission, award, intents, listings, numbers, publication
from app.trades.admission import confirm_receipt
from app.trades.award import award_auction
from app.trades.errors import IntentExists, ListingStateForbids, PatentAlreadyListed, TooLate
from app.trades.intents import declare_intent
from app.trades.listings import create_listing
from app.trades.models import Deal, Intent, Listing
from app.trades.numbers import NumberCounter
from app.trades.publication import publish_listing
from tests.make_accounts import make_caller
from tests.make_payments import make_deposit, make_held_deposit, make_line
from tests.make_trades import (
    close_sale,
    make_buyer,
    make_intent,
    make_listing,
    make_offer,
    make_patent_of,
    make_seller,
    rules_of,
)
from tests.races import meeting
from tests.races.meeting import Meeting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from app.db import AnySession, Database, Session

    Patch = pytest.MonkeyPatch


async def both(*acts: Awaitable[Any]) -> list[Any]:
    """What two acts at once came to: refusals of the market are answers, anything else is raised."""
    answers = await asyncio.gather(*acts, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, MarketError):
            raise answer
    return answers


def refusals(answers: list[Any]) -> list[type[BaseException]]:
    """The kinds of the refusals among answers."""
    return [type(answer) for answer in answers if isinstance(answer, MarketError)]


def meet_before(patch: Patch, module: Any, name: str) -> None:
    """Makes the racers meet before the first call of a function, inside the part that the lock guards."""
    patch.setattr(module, name, Meeting().before(getattr(module, name)))


def meet_after(patch: Patch, module: Any, name: str) -> None:
    """Makes the racers meet when they have read what they will judge by."""
    place, read = Meeting(), getattr(module, name)

    async def stopped(*args: Any) -> Any:
        found = await read(*args)
        await place.arrive()
        return found

    patch.setattr(module, name, stopped)


async def count(session: AnySession, model: type[Any]) -> int:
    """How many rows a table has."""
    return (await session.execute(select(func.count()).select_from(model))).scalar_one()


# The twins of the locking queries: the same rows, without FOR UPDATE.


async def unlocked_listing(session: Session, listing_id: UUID) -> Listing:
    return await session.get_one(Listing, listing_id, populate_existing=True)


async def unlocked_deposit(session: Session, deposit_id: UUID) -> Deposit:
    return await session.get_one(Deposit, deposit_id, populate_existing=True)


async def unlocked_deposits_of(session: Session, listing_id: UUID) -> Sequence[Deposit]:
    return (await session.execute(select(Deposit).where(Deposit.listing_id == listing_id))).scalars().all()


async def unlocked_counter(session: Session, series: str, year: int) -> NumberCounter:
    new = insert(NumberCounter).values(series=series, year=year, last=0)
    await session.execute(new.on_conflict_do_nothing())
    return await session.get_one(NumberCounter, (series, year), populate_existing=True)


def without_deposit_lock(patch: Patch) -> None:
    patch.setattr(deposits, "lock_deposit", unlocked_deposit)


def without_deposits_lock(patch: Patch) -> None:
    patch.setattr(deposits, "lock_deposits_of", unlocked_deposits_of)


def without_account_lock(patch: Patch) -> None:
    patch.setattr(ledger, "_FIND_AND_LOCK", ledger._FIND_ACCOUNTS)


async def unlocked_sale(session: Session, auction_id: UUID) -> None:
    del session, auction_id


def without_award_order(patch: Patch) -> None:
    patch.setattr(award, "lock_sale", unlocked_sale)


def without_listing_lock(patch: Patch) -> None:
    without_award_order(patch)
    for module in (publication, intents, award, listings):
        patch.setattr(module, "lock_listing", unlocked_listing)
    # The deposits' locks would keep two awards apart too, further on.
    without_deposits_lock(patch)
    without_counter_lock(patch)


def without_confirmation_locks(patch: Patch) -> None:
    patch.setattr(sale, "LOCK_SALES", "SELECT id FROM auction WHERE id = ANY($1)")
    patch.setattr(admission, "lock_listing", unlocked_listing)
    patch.setattr(admission, "lock_deposit", unlocked_deposit)
    without_deposit_lock(patch)


def without_counter_lock(patch: Patch) -> None:
    patch.setattr(numbers, "lock_counter", unlocked_counter)


async def two_receipts_for_one_deposit(db: Database, patch: Patch) -> None:
    """One deposit is received once: the other is told that it is held."""
    deposit = await db.write(make_deposit)
    finance = await db.write(make_caller, Role.FINANCE)
    lines = [await db.read(make_line, deposit) for _ in range(2)]
    meet_after(patch, deposits, "get_names")
    answers = await both(
        *(db.write(record_receipt, deposit.id, line, person_id=finance.person_id) for line in lines)
    )
    assert refusals(answers) == [DepositStateForbids]
    assert await db.read(get_balance, Account(AccountKind.BANK)) == deposit.amount_fen


async def two_settlements_of_one_listing(db: Database, patch: Patch) -> None:
    """A deposit is released once: the second settlement finds nothing left."""
    deposit = await db.write(make_held_deposit)
    meet_before(patch, deposits, "post_transfers")
    answers = await both(*(db.write(settle_deposits, listing_id=deposit.listing_id) for _ in range(2)))
    assert refusals(answers) == []
    assert sorted(len(answer) for answer in answers) == [0, 1]


async def two_draws_on_one_account(db: Database, patch: Patch) -> None:
    """An account that holds one deposit pays one release, not two."""
    held = await db.write(make_held_deposit)
    # The party's refund account exists already: opening it would make the second wait for the first.
    before = await db.write(make_held_deposit, party_id=held.party_id)
    await db.write(settle_deposits, listing_id=before.listing_id)
    due = await db.write(make_deposit, party_id=held.party_id)
    transfer = release_deposit(held.party_id, held.amount_fen)
    meet_before(patch, ledger, "_write_transfers")
    answers = await both(
        *(db.write(post_transfers, [for_deposit(item.id, transfer)], person_id=None) for item in (held, due))
    )
    assert refusals(answers) == [AccountOverdrawn]
    assert await db.read(get_balance, Account(AccountKind.DEPOSIT_HELD, held.party_id)) == 0


async def two_numbers_at_once(db: Database, patch: Patch) -> None:
    """Two listings made at once have two numbers, one after the other."""

    async def draft(session: Session) -> tuple[Any, Any]:
        seller = await make_seller(session)
        patent = await make_patent_of(session, seller.organisation_id)
        return seller, await make_offer(session, patent.id)

    await db.write(make_listing)
    drafts = [await db.write(draft) for _ in range(2)]
    meet_after(patch, numbers, "lock_counter")
    made = await both(*(db.write(create_listing, seller, offer) for seller, offer in drafts))
    assert refusals(made) == []
    found = [await db.read(_listing_no, listing_id) for listing_id in made]
    assert len(set(found)) == 2


async def _listing_no(session: AnySession, listing_id: UUID) -> str:
    return (await session.get_one(Listing, listing_id)).listing_no


async def two_publications(db: Database, patch: Patch) -> None:
    """Of two reviewers one publishes; the other is told that it is listed."""
    listing = await db.write(make_listing, status="accepted")
    reviewers = [await db.write(make_caller, Role.REVIEWER) for _ in range(2)]
    meet_before(patch, publication, "schedule_auction")
    answers = await both(*(db.write(publish_listing, reviewer, listing.id) for reviewer in reviewers))
    assert refusals(answers) == [ListingStateForbids]
    assert await db.read(count, Auction) == 1


async def two_declarations_of_one_buyer(db: Database, patch: Patch) -> None:
    """An organisation declares once, also from two windows."""
    listing = await db.write(make_listing, status="listed")
    buyer = await db.write(make_buyer)
    meet_after(patch, intents, "find_intent")
    answers = await both(*(db.write(declare_intent, buyer, listing.id, rules_of(listing)) for _ in range(2)))
    assert refusals(answers) == [IntentExists]


async def two_awards(db: Database, patch: Patch) -> None:
    """Two workers award one sale: one deal, each deposit settled once, both end well."""

    async def sold(session: Session) -> UUID:
        listing = await make_listing(session, status="listed")
        won = await make_intent(session, listing, status="admitted")
        await make_intent(session, listing, status="admitted")
        auction_id = listing.auction_id
        assert auction_id is not None
        await close_sale(session, listing, won, 12_800_000)
        return auction_id

    auction_id = await db.write(sold)
    meet_before(patch, award, "list_intents_of")
    answers = await both(*(db.write(award_auction, {"auction_id": str(auction_id)}) for _ in range(2)))
    assert refusals(answers) == []
    assert await db.read(count, Deal) == 1
    assert await db.read(count, LedgerTransfer) == 4


async def two_confirmations_of_one_deposit(db: Database, patch: Patch) -> None:
    """Two finance people confirm one deposit: one admits the buyer, the other is told that it is held."""

    async def qualified(session: Session) -> tuple[UUID, list[Any], list[Any]]:
        listing = await make_listing(session, status="listed")
        intent = await make_intent(session, listing, status="qualified")
        assert intent.deposit_id is not None
        deposit = await get_deposit(session, intent.deposit_id)
        finance = [await make_caller(session, Role.FINANCE) for _ in range(2)]
        return deposit.id, finance, [await make_line(session, deposit) for _ in range(2)]

    deposit_id, finance, lines = await db.write(qualified)
    meet_before(patch, admission, "record_receipt")
    answers = await both(
        *(
            db.write(confirm_receipt, caller, deposit_id, line)
            for caller, line in zip(finance, lines, strict=True)
        )
    )
    assert refusals(answers) == [DepositStateForbids]
    assert await db.read(_codes) == 1


async def _codes(session: AnySession) -> int:
    query = select(func.count()).select_from(Intent).where(Intent.bidder_code.is_not(None))
    return (await session.execute(query)).scalar_one()


async def a_late_confirmation_and_the_award(db: Database, patch: Patch) -> None:
    """Finance confirms a deposit when the sale is over, while the worker awards it: neither is in the other's way."""

    async def sold(session: Session) -> tuple[UUID, UUID, Any, Any]:
        listing = await make_listing(session, status="listed")
        won = await make_intent(session, listing, status="admitted")
        late = await make_intent(session, listing, status="qualified")
        auction_id, deposit_id = listing.auction_id, late.deposit_id
        assert auction_id is not None
        assert deposit_id is not None
        line = await make_line(session, await get_deposit(session, deposit_id))
        await close_sale(session, listing, won, 12_800_000)
        return auction_id, deposit_id, await make_caller(session, Role.FINANCE), line

    auction_id, deposit_id, finance, line = await db.write(sold)
    place = Meeting()
    patch.setattr(admission, "lock_listing", place.before(admission.lock_listing))
    patch.setattr(award, "list_intents_of", place.before(award.list_intents_of))

    # Not by db.write, which would run the victim of a deadlock again and hide it.
    async def confirm() -> None:
        async with db.transaction() as session:
            await confirm_receipt(session, finance, deposit_id, line)

    async def award_it() -> None:
        async with db.transaction() as session:
            await award_auction(session, {"auction_id": str(auction_id)})

    assert refusals(await both(confirm(), award_it())) == [TooLate]
    assert await db.read(count, Deal) == 1


@dataclass(frozen=True)
class Race:
    """A race and what takes its lock away."""

    run: Callable[[Any, Any], Awaitable[None]]
    without: Callable[[Any], None]


RACES = [
    Race(two_receipts_for_one_deposit, without_deposit_lock),
    Race(two_settlements_of_one_listing, without_deposits_lock),
    Race(two_draws_on_one_account, without_account_lock),
    Race(two_numbers_at_once, without_counter_lock),
    Race(two_publications, without_listing_lock),
    Race(two_declarations_of_one_buyer, without_listing_lock),
    Race(two_awards, without_listing_lock),
    Race(two_confirmations_of_one_deposit, without_confirmation_locks),
    Race(a_late_confirmation_and_the_award, without_award_order),
]


def name_of(race: Race) -> str:
    """The race's name as its test shows it."""
    return race.run.__name__


@pytest.mark.parametrize("race", RACES, ids=name_of)
async def test_under_the_lock_the_race_has_one_outcome(
    race: Race, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await race.run(db, monkeypatch)


@pytest.mark.parametrize("race", RACES, ids=name_of)
async def test_without_the_lock_the_same_race_goes_wrong(
    race: Race, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    race.without(monkeypatch)
    # Without the lock both come to the meeting, so patience costs nothing, however slow the machine is.
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises((AssertionError, DBAPIError)):
        await race.run(db, monkeypatch)


async def test_two_drafts_of_one_patent_at_once_leave_one(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def draft(session: Session) -> tuple[Any, Any]:
        seller = await make_seller(session)
        patent = await make_patent_of(session, seller.organisation_id)
        return seller, await make_offer(session, patent.id)

    seller, offer = await db.write(draft)
    # Both have found the patent free; the index behind the check decides.
    meet_before(monkeypatch, listings, "take_number")
    answers = await both(*(db.write(create_listing, seller, offer) for _ in range(2)))
    assert refusals(answers) == [PatentAlreadyListed]


async def test_one_bank_line_for_two_deposits_at_once_pays_one(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await db.write(make_deposit)
    second = await db.write(make_deposit, party_id=first.party_id)
    finance = await db.write(make_caller, Role.FINANCE)
    line = await db.read(make_line, first)
    meet_before(monkeypatch, deposits, "market_now")
    answers = await both(
        *(db.write(record_receipt, item.id, line, person_id=finance.person_id) for item in (first, second))
    )
    assert refusals(answers) == [BankReferenceUsed]
