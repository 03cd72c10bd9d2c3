"""Deposits against the real database: what moves, what is refused, what the database itself forbids."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.accounts.permissions import Role
from app.clock import market_date, market_now
from app.ids import uuid7
from app.lists import Asked
from app.payments.deposits import record_receipt, settle_deposits
from app.payments.errors import (
    AccountOverdrawn,
    BankReferenceUsed,
    DepositMissing,
    DepositStateForbids,
    PayerIsNotTheBuyer,
    ReceiptDiffersFromDeposit,
    ReceivedInTheFuture,
)
from app.payments.ledger import for_deposit, post_transfers
from app.payments.models import Deposit
from app.payments.queries import get_balance, list_accounts, list_deposits, list_transfers
from app.payments.rules import Account, AccountKind, release_deposit
from tests.make_accounts import make_caller, make_organisation
from tests.make_payments import make_deposit, make_held_deposit, make_line

if TYPE_CHECKING:
    from app.db import Session

BANK = Account(AccountKind.BANK)


async def ledger_is_sound(session: Session) -> None:
    """Each transfer sums to zero, and all deferred checks of the database hold now."""
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    await session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    query = text(
        "SELECT count(*) FROM (SELECT FROM ledger_entry GROUP BY transfer_id HAVING sum(amount_fen) <> 0) x"
    )
    assert (await session.execute(query)).scalar_one() == 0


# A transfer's head, written past the program, with whatever entries.
PAST = """
WITH head AS (
  INSERT INTO ledger_transfer (id, client_id, kind, subject_kind, subject_id, deposit_id, reason, entry_count)
  VALUES (:head, gen_random_uuid(), :kind, 'deposit', :deposit, :deposit, 'x', 2))
INSERT INTO ledger_entry (id, transfer_id, account_id, amount_fen)
SELECT gen_random_uuid(), :head, side.* FROM unnest(CAST(:accounts AS uuid[]), CAST(:fen AS bigint[])) AS side
"""


async def finance_id(session: Session) -> UUID:
    return (await make_caller(session, Role.FINANCE)).person_id


async def test_a_received_deposit_is_held_for_its_party(session: Session) -> None:
    deposit = await make_held_deposit(session, amount_fen=8_000_000)
    assert deposit.status == "held"
    assert deposit.held_at is not None
    assert await get_balance(session, BANK) == 8_000_000
    assert await get_balance(session, Account(AccountKind.DEPOSIT_HELD, deposit.party_id)) == -8_000_000
    await ledger_is_sound(session)


async def test_the_winner_is_captured_the_losers_released_and_the_unpaid_cancelled(session: Session) -> None:
    listing_id, deal_id = uuid7(), uuid7()
    won = await make_held_deposit(session, listing_id=listing_id)
    lost = await make_held_deposit(session, listing_id=listing_id)
    unpaid = await make_deposit(session, listing_id=listing_id)
    other = await make_held_deposit(session)
    settled = await settle_deposits(session, listing_id=listing_id, winner_deposit_id=won.id, deal_id=deal_id)
    assert {item.id for item in settled} == {won.id, lost.id, unpaid.id}
    assert [won.status, lost.status, unpaid.status, other.status] == [
        "captured",
        "released",
        "cancelled",
        "held",
    ]
    assert await get_balance(session, Account(AccountKind.PRICE_ESCROW, deal_id=deal_id)) == -won.amount_fen
    assert await get_balance(session, Account(AccountKind.REFUND_DUE, lost.party_id)) == -lost.amount_fen
    assert await get_balance(session, Account(AccountKind.DEPOSIT_HELD, won.party_id)) == 0
    assert await get_balance(session, BANK) == 3 * won.amount_fen
    await ledger_is_sound(session)
    assert (
        await settle_deposits(session, listing_id=listing_id, winner_deposit_id=won.id, deal_id=deal_id) == []
    )
    assert len(await list_transfers(session, deposit_id=won.id)) == 2


async def test_an_unsold_listing_releases_every_deposit(session: Session) -> None:
    listing_id = uuid7()
    deposits = [await make_held_deposit(session, listing_id=listing_id) for _ in range(2)]
    await settle_deposits(session, listing_id=listing_id)
    assert {item.status for item in deposits} == {"released"}
    await ledger_is_sound(session)


async def test_the_wrong_amount_and_the_wrong_payer_leave_nothing_behind(session: Session) -> None:
    deposit = await make_deposit(session)
    person_id = await finance_id(session)
    short = await make_line(session, deposit, amount_fen=deposit.amount_fen - 1)
    with pytest.raises(ReceiptDiffersFromDeposit):
        await record_receipt(session, deposit.id, short, person_id=person_id)
    with pytest.raises(PayerIsNotTheBuyer):
        await record_receipt(
            session, deposit.id, await make_line(session, deposit, payer_name="别的公司"), person_id=person_id
        )
    assert deposit.status == "due"
    assert await get_balance(session, BANK) == 0


async def test_a_day_of_receipt_to_come_is_refused(session: Session) -> None:
    deposit = await make_deposit(session)
    tomorrow = market_date(await market_now(session)) + timedelta(days=1)
    line = await make_line(session, deposit, received_on=tomorrow)
    with pytest.raises(ReceivedInTheFuture, match=tomorrow.isoformat()):
        await record_receipt(session, deposit.id, line, person_id=await finance_id(session))


async def test_one_bank_line_pays_one_deposit(session: Session) -> None:
    first = await make_held_deposit(session)
    second = await make_deposit(session, party_id=first.party_id)
    person_id = await finance_id(session)
    line = await make_line(session, second, bank_reference="LS-ONCE", received_on=date(2026, 1, 5))
    await record_receipt(session, second.id, line, person_id=person_id)
    third = await make_deposit(session, party_id=first.party_id)
    with pytest.raises(BankReferenceUsed, match="LS-ONCE"):
        await record_receipt(session, third.id, line, person_id=person_id)
    assert third.status == "due"


async def test_a_deposit_is_not_received_twice(session: Session) -> None:
    deposit = await make_held_deposit(session)
    with pytest.raises(DepositStateForbids):
        await record_receipt(
            session, deposit.id, await make_line(session, deposit), person_id=await finance_id(session)
        )


async def test_an_unknown_deposit_is_missing(session: Session) -> None:
    deposit = await make_deposit(session)
    with pytest.raises(DepositMissing):
        await record_receipt(
            session, uuid7(), await make_line(session, deposit), person_id=await finance_id(session)
        )


async def test_nothing_is_drawn_from_an_account_beyond_what_it_holds(session: Session) -> None:
    deposit = await make_held_deposit(session, amount_fen=100)
    transfer = release_deposit(deposit.party_id, 101)
    with pytest.raises(AccountOverdrawn):
        await post_transfers(session, [for_deposit(deposit.id, transfer)], person_id=None)


async def test_lists_page_from_the_newest_back(session: Session) -> None:
    party = (await make_organisation(session)).id
    made = [await make_deposit(session, party_id=party) for _ in range(3)]
    shown = await list_deposits(session, party_id=party, asked=Asked(limit=2))
    assert [item.id for item in shown] == [made[2].id, made[1].id]
    rest = await list_deposits(session, party_id=party, asked=Asked(after=(str(shown[-1].id),)))
    assert [item.id for item in rest] == [made[0].id]
    assert await list_deposits(session, party_id=party, reference=made[1].reference) == [made[1]]
    assert await list_deposits(session, party_id=party, status="held") == []


async def test_the_accounts_of_the_ledger_sum_to_zero(session: Session) -> None:
    await make_held_deposit(session)
    await make_held_deposit(session)
    accounts = await list_accounts(session, limit=1000)
    assert sum(account.balance_fen for account in accounts) == 0
    held = [account for account in accounts if account.kind == "deposit_held"]
    assert all(account.party_name and account.credit_fen == 8_000_000 for account in held)
    transfers = await list_transfers(session)
    assert transfers[0].entries[0].account_kind == "bank"
    assert transfers[0].person_name is not None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET amount_fen = amount_fen + 1",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_transfer SET kind = 'deposit_released'",
        "DELETE FROM ledger_transfer",
        "DELETE FROM ledger_account",
        "UPDATE receipt SET payer_name = 'x'",
        "DELETE FROM deposit",
        "UPDATE deposit SET amount_fen = amount_fen + 1",
        "UPDATE deposit SET status = 'due', held_at = NULL",
        "UPDATE deposit SET status = 'cancelled', held_at = NULL, settled_at = now()",
    ],
)
async def test_the_database_refuses_to_rewrite_money(session: Session, statement: str) -> None:
    await make_held_deposit(session)
    with pytest.raises(DBAPIError):
        await session.execute(text(statement))


@pytest.mark.parametrize(
    ("fen", "refusal"),
    [([5, -4], "total of 1 fen"), ([5], "1 of 2 entries"), ([], "0 of 2 entries with a total of 0 fen")],
)
async def test_the_database_refuses_a_transfer_that_is_not_whole_at_the_end_of_its_statement(
    session: Session, fen: list[int], refusal: str
) -> None:
    deposit = await make_held_deposit(session)
    accounts = [account.id for account in await list_accounts(session)][: len(fen)]
    values = {
        "head": uuid7(),
        "kind": "deposit_released",
        "deposit": deposit.id,
        "accounts": accounts,
        "fen": fen,
    }
    with pytest.raises(IntegrityError, match=refusal):
        await session.execute(text(PAST), values)


async def test_the_database_refuses_a_deposit_held_without_money(session: Session) -> None:
    deposit = await make_deposit(session)
    await session.execute(
        update(Deposit)
        .where(Deposit.id == deposit.id)
        .values(status="held", held_at=await market_now(session))
    )
    with pytest.raises(IntegrityError, match="but the ledger has"):
        await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


async def test_the_database_refuses_to_release_and_capture_one_deposit(session: Session) -> None:
    deposit = await make_held_deposit(session)
    await settle_deposits(session, listing_id=deposit.listing_id)
    values = {
        "head": uuid7(),
        "kind": "deposit_captured",
        "deposit": deposit.id,
        "accounts": [],
        "fen": [],
    }
    with pytest.raises(IntegrityError, match="uq_ledger_transfer_settled"):
        await session.execute(text(PAST), values)
