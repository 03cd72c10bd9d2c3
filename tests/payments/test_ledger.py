"""The ledger against the real database: client-made ids, pending transfers, limits, corrections by two."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.accounts.permissions import Role
from app.ids import uuid7
from app.payments.errors import (
    AccountOverdrawn,
    CorrectionNotOfTwo,
    TransferIdUsed,
    TransferMissing,
    TransferSettled,
)
from app.payments.ledger import EXPIRE_TASK, Posting, Subject, find_accounts, post_transfers, read_balances
from app.payments.outcomes import expire_transfer, get_state, post_pending, void_pending
from app.payments.queries import TransferFilter, get_balance, list_accounts, list_transfers
from app.payments.rules import Account, AccountKind, Balance, Entry, Transfer, TransferKind
from app.tasks import TaskRow
from tests.make_accounts import make_caller, make_organisation

if TYPE_CHECKING:
    from app.db import Session
    from tests.conftest import SetNow

BANK = Account(AccountKind.BANK)
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


async def finance_id(session: Session) -> UUID:
    return (await make_caller(session, Role.FINANCE)).person_id


def moving(
    debit: Account, credit: Account, fen: int, kind: TransferKind = TransferKind.PAYABLE_RECEIVED
) -> Posting:
    transfer = Transfer(kind, (Entry(debit, fen), Entry(credit, -fen)))
    return Posting(Subject("test", uuid7()), transfer)


async def owing(session: Session, fen: int) -> Account:
    """A party's account with this much owed to it."""
    account = Account(AccountKind.SELLER_DUE, (await make_organisation(session)).id)
    await post_transfers(session, [moving(BANK, account, fen)], person_id=None)
    return account


async def balance_of(session: Session, account: Account) -> Balance:
    ids = await find_accounts(session, [account])
    return (await read_balances(session, [ids[account]]))[ids[account]]


async def all_checked(session: Session) -> None:
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    await session.execute(text("SET CONSTRAINTS ALL DEFERRED"))


async def test_the_same_client_id_with_the_same_content_is_the_same_transfer(session: Session) -> None:
    account = await owing(session, 100)
    paying = moving(account, BANK, 100, TransferKind.PAYMENT_EXECUTED)
    first = await post_transfers(session, [paying], person_id=None)
    assert await post_transfers(session, [paying, paying], person_id=None) == first * 2
    assert await get_balance(session, account) == 0
    await all_checked(session)


async def test_the_same_client_id_with_other_content_is_refused(session: Session) -> None:
    account = await owing(session, 100)
    paying = moving(account, BANK, 40)
    await post_transfers(session, [paying], person_id=None)
    for other in (
        replace(moving(account, BANK, 41), client_id=paying.client_id, subject=paying.subject),
        replace(paying, subject=Subject("test", uuid7())),
        replace(paying, is_pending=True),
    ):
        with pytest.raises(TransferIdUsed, match=paying.client_id):
            await post_transfers(session, [other], person_id=None)
    assert await get_balance(session, account) == -60


async def test_a_pending_transfer_reserves_and_does_not_count(session: Session) -> None:
    account = await owing(session, 100)
    (held,) = await post_transfers(
        session, [replace(moving(account, BANK, 70), is_pending=True)], person_id=None
    )
    assert await balance_of(session, account) == Balance(-100, 70)
    with pytest.raises(AccountOverdrawn):
        async with session.begin_nested():
            await post_transfers(session, [moving(account, BANK, 31)], person_id=None)
    await post_transfers(session, [moving(account, BANK, 30)], person_id=None)
    await post_pending(session, held, person_id=None)
    await post_pending(session, held, person_id=None)
    assert await balance_of(session, account) == Balance(0, 0)
    with pytest.raises(TransferSettled):
        await void_pending(session, held, person_id=None)
    await all_checked(session)


async def test_what_is_voided_is_free_again(session: Session) -> None:
    account = await owing(session, 100)
    (held,) = await post_transfers(
        session, [replace(moving(account, BANK, 100), is_pending=True)], person_id=None
    )
    await void_pending(session, held, person_id=None)
    await void_pending(session, held, person_id=None)
    with pytest.raises(TransferSettled):
        await post_pending(session, held, person_id=None)
    await post_transfers(session, [moving(account, BANK, 100)], person_id=None)
    assert await balance_of(session, account) == Balance(0, 0)
    await all_checked(session)


async def test_money_that_is_only_pending_cannot_be_drawn(session: Session) -> None:
    account = Account(AccountKind.REFUND_DUE, (await make_organisation(session)).id)
    await post_transfers(session, [replace(moving(BANK, account, 50), is_pending=True)], person_id=None)
    assert await balance_of(session, account) == Balance(0, 0)
    with pytest.raises(AccountOverdrawn):
        await post_transfers(session, [moving(account, BANK, 1)], person_id=None)


async def test_a_pending_transfer_expires_at_its_time_and_not_before(
    session: Session, now_is: SetNow
) -> None:
    await now_is(session, NOON)
    account = await owing(session, 100)
    posting = replace(moving(account, BANK, 100), is_pending=True, expires_at=NOON + timedelta(hours=1))
    (held,) = await post_transfers(session, [posting], person_id=None)
    task = (await session.execute(select(TaskRow).where(TaskRow.name == EXPIRE_TASK))).scalar_one()
    assert task.run_at == posting.expires_at
    with pytest.raises(TransferSettled):
        await expire_transfer(session, task.payload)
    await now_is(session, NOON + timedelta(hours=1))
    with pytest.raises(TransferSettled, match="expired"):
        await post_pending(session, held, person_id=None)
    await expire_transfer(session, task.payload)
    await expire_transfer(session, task.payload)
    assert (await get_state(session, held))[1] == "expired"
    assert await balance_of(session, account) == Balance(-100, 0)


async def test_one_posted_in_time_stays_posted_when_its_time_comes(session: Session, now_is: SetNow) -> None:
    await now_is(session, NOON)
    account = await owing(session, 100)
    posting = replace(moving(account, BANK, 1), is_pending=True, expires_at=NOON + timedelta(hours=1))
    (held,) = await post_transfers(session, [posting], person_id=None)
    await post_pending(session, held, person_id=None)
    await now_is(session, NOON + timedelta(hours=1))
    await expire_transfer(session, {"transfer_id": str(held)})
    assert (await get_state(session, held))[1] == "posted"


async def test_a_correction_takes_two_people(session: Session) -> None:
    account = await owing(session, 100)
    maker, other = await finance_id(session), await finance_id(session)
    wrong = moving(account, BANK, 10, TransferKind.CORRECTION)
    for maker_id, approver_id in ((maker, None), (maker, maker), (None, other)):
        with pytest.raises(CorrectionNotOfTwo):
            await post_transfers(session, [replace(wrong, approved_by=approver_id)], person_id=maker_id)
    await post_transfers(session, [replace(wrong, approved_by=other, reason="重复入账")], person_id=maker)
    (pending,) = await post_transfers(
        session,
        [replace(moving(account, BANK, 5, TransferKind.CORRECTION), is_pending=True)],
        person_id=maker,
    )
    with pytest.raises(CorrectionNotOfTwo):
        await post_pending(session, pending, person_id=maker)
    await post_pending(session, pending, person_id=other)
    shown = (await list_transfers(session, wanted=TransferFilter(kind="correction")))[0]
    assert (shown.state, shown.settled_at is not None) == ("posted", True)
    assert shown.person_name != shown.second_name
    await all_checked(session)


async def test_an_unknown_transfer_is_missing(session: Session) -> None:
    with pytest.raises(TransferMissing):
        await post_pending(session, uuid7(), person_id=None)


async def test_each_number_opens_down_to_its_entries(session: Session) -> None:
    account = await owing(session, 100)
    await post_transfers(session, [replace(moving(account, BANK, 70), is_pending=True)], person_id=None)
    shown = {one.kind: one for one in await list_accounts(session)}
    due = shown["seller_due"]
    assert (due.debit_fen, due.credit_fen, due.balance_fen, due.reserved_fen) == (0, 100, -100, 70)
    behind = await list_transfers(session, wanted=TransferFilter(account_id=due.id))
    posted = [one for one in behind if one.state == "posted"]
    assert len(behind) == 2
    assert sum(e.amount_fen for t in posted for e in t.entries if e.account_id == due.id) == due.balance_fen


# What the database itself forbids, written past the program.


async def written_past(session: Session, account: Account, fen: int, *, is_pending: bool = False) -> UUID:
    """A transfer from an account to the bank that no rule has seen, in one statement as the database asks."""
    ids = await find_accounts(session, [account, BANK])
    head, made = uuid7(), text(PAST)
    values = {"head": head, "fen": fen, "pending": is_pending, "drawn": ids[account], "bank": ids[BANK]}
    await session.execute(made, values)
    return head


PAST = """
WITH head AS (
  INSERT INTO ledger_transfer (id, client_id, kind, subject_kind, subject_id, reason, entry_count, is_pending)
  VALUES (:head, gen_random_uuid(), 'payment_executed', 'test', gen_random_uuid(), 'x', 2, :pending))
INSERT INTO ledger_entry (id, transfer_id, account_id, amount_fen, is_pending)
VALUES (gen_random_uuid(), :head, :drawn, :fen, :pending), (gen_random_uuid(), :head, :bank, -:fen, :pending)
"""


async def test_the_database_refuses_to_overdraw_an_account(session: Session) -> None:
    account = await owing(session, 100)
    await written_past(session, account, 60, is_pending=True)
    await written_past(session, account, 40)
    with pytest.raises(IntegrityError, match="overdrawn by 1 fen"):
        await written_past(session, account, 1)


@pytest.mark.parametrize(
    "over",
    [{"account": uuid7()}, {}, {"pending": False}, {"transfer": uuid7(), "pending": False}],
    ids=["no account", "one more", "one that counts", "no transfer"],
)
async def test_the_database_refuses_an_entry_beside_what_its_transfer_has(
    session: Session, over: dict[str, object]
) -> None:
    """A transfer is whole when its own statement ends: nothing is added later, and nothing stands without a transfer."""
    own = await owing(session, 100)
    head = await written_past(session, own, 10, is_pending=True)
    other = (await find_accounts(session, [await owing(session, 1)])).popitem()[1]
    values = {"transfer": head, "account": other, "fen": 1, "pending": True, **over}
    with pytest.raises(IntegrityError, match="ledger transfer"):
        await session.execute(text(ADDED), values)


ADDED = """
INSERT INTO ledger_entry (id, transfer_id, account_id, amount_fen, is_pending)
VALUES (gen_random_uuid(), :transfer, :account, :fen, :pending)
"""


async def test_the_database_refuses_a_transfer_that_counts_when_its_entries_do_not(session: Session) -> None:
    account = await owing(session, 100)
    ids = await find_accounts(session, [account, BANK])
    mixed = PAST.replace(":bank, -:fen, :pending", ":bank, -:fen, NOT :pending")
    values = {"head": uuid7(), "fen": 1, "pending": True, "drawn": ids[account], "bank": ids[BANK]}
    with pytest.raises(IntegrityError, match="2 of 2 entries with a total of 0 fen"):
        await session.execute(text(mixed), values)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_transfer SET reason = 'y'",
        "DELETE FROM ledger_outcome",
        "UPDATE ledger_outcome SET outcome = 'voided'",
        "UPDATE ledger_entry SET is_pending = true",
        "UPDATE ledger_account SET currency = 'CNY'",
        "INSERT INTO ledger_account (id, kind, currency) VALUES (gen_random_uuid(), 'bank', 'USD')",
        "INSERT INTO ledger_outcome (transfer_id, outcome) SELECT transfer_id, 'voided' FROM ledger_outcome",
        (
            "INSERT INTO ledger_outcome (transfer_id, outcome) "
            "SELECT id, 'voided' FROM ledger_transfer WHERE NOT is_pending"
        ),
        (
            "INSERT INTO ledger_outcome (transfer_id, outcome, person_id) "
            "SELECT id, 'posted', person_id FROM ledger_transfer WHERE kind = 'correction'"
        ),
        (
            "INSERT INTO ledger_transfer (id, client_id, kind, subject_kind, subject_id, reason, entry_count, person_id) "
            "SELECT gen_random_uuid(), 'z', 'correction', 'test', id, 'x', 2, person_id FROM ledger_transfer "
            "WHERE kind = 'correction'"
        ),
        (
            "INSERT INTO ledger_transfer (id, client_id, kind, subject_kind, subject_id, reason, entry_count, person_id, "
            "approved_by) SELECT gen_random_uuid(), 'z', 'correction', 'test', id, 'x', 2, person_id, person_id "
            "FROM ledger_transfer WHERE kind = 'correction'"
        ),
    ],
)
async def test_the_database_refuses_to_rewrite_the_ledger(session: Session, statement: str) -> None:
    account = await owing(session, 100)
    (done,) = await post_transfers(
        session, [replace(moving(account, BANK, 1), is_pending=True)], person_id=None
    )
    await post_pending(session, done, person_id=None)
    wrong = replace(moving(account, BANK, 1, TransferKind.CORRECTION), is_pending=True)
    await post_transfers(session, [wrong], person_id=await finance_id(session))
    with pytest.raises(DBAPIError):
        await session.execute(text(statement))
