"""Posting to the ledger: all transfers of an operation at once, the accounts that may run dry locked by id."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from app.ids import uuid7
from app.payments.models import LedgerAccount, LedgerEntry, LedgerTransfer
from app.payments.rules import (
    TRANSFER_ZH,
    Account,
    AccountKind,
    Balance,
    Content,
    Currency,
    Transfer,
    check_drawing,
    check_same,
    check_transfer,
    check_two_people,
    drawn_fen,
)
from app.tasks import promise

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from asyncpg import Record

    from app.db import AnySession, Session

EXPIRE_TASK = "expire_transfer"
# These are what every transfer costs, and many transfers as much as one.
_WRITE = """
WITH heads AS (
  INSERT INTO ledger_transfer (id, client_id, kind, subject_kind, subject_id, deposit_id, reason, entry_count, is_pending,
                               expires_at, person_id, approved_by)
  SELECT new.id, new.client_id, new.kind, new.subject_kind, new.subject_id, new.deposit_id, new.reason, new.entry_count,
         new.is_pending, new.expires_at, new.person_id, new.approved_by
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::bigint[],
                $9::boolean[], $10::timestamptz[], $11::uuid[], $12::uuid[]) AS new
         (id, client_id, kind, subject_kind, subject_id, deposit_id, reason, entry_count, is_pending, expires_at, person_id,
          approved_by)
  ON CONFLICT (client_id) DO NOTHING RETURNING client_id, id
), sides AS (
  INSERT INTO ledger_entry (id, transfer_id, account_id, amount_fen, is_pending)
  SELECT side.* FROM unnest($13::uuid[], $14::uuid[], $15::uuid[], $16::bigint[], $17::boolean[]) AS side
         (id, transfer_id, account_id, amount_fen, is_pending)
    JOIN heads ON heads.id = side.transfer_id
)
SELECT client_id, id FROM heads
"""
# An outcome is looked for by its key, and only for what is pending.
_READ_BALANCES = """
SELECT account_id,
       coalesce(sum(amount_fen) FILTER (WHERE NOT is_pending OR outcome = 'posted'), 0) AS posted,
       coalesce(sum(amount_fen) FILTER (WHERE is_pending AND outcome IS NULL AND amount_fen > 0), 0) AS reserved
  FROM (SELECT account_id, amount_fen, is_pending, CASE WHEN is_pending THEN (
                 SELECT outcome FROM ledger_outcome WHERE ledger_outcome.transfer_id = entry.transfer_id) END AS outcome
          FROM ledger_entry entry WHERE account_id = ANY($1::uuid[]) OFFSET 0) entry
 GROUP BY account_id
"""
# With them the client-made ids that were used before: both are read after the accounts are locked.
_READ_BEFORE = f"""
SELECT balance.account_id, balance.posted, balance.reserved, NULL::text AS client_id FROM ({_READ_BALANCES}) balance
UNION ALL SELECT NULL, 0, 0, client_id FROM ledger_transfer WHERE client_id = ANY($2::text[])
"""  # noqa: S608 - made of this file's constants
# Each of the three by its own part of the index: what is nobody's, a party's, a deal's.
_FOUND = """
WITH wanted AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[], $5::boolean[]) AS w
         (kind, currency, party_id, deal_id, is_drawn)
), found AS MATERIALIZED (
  SELECT a.id, a.kind, a.currency, a.party_id, a.deal_id, w.is_drawn FROM wanted w JOIN ledger_account a
      ON a.kind = w.kind AND a.currency = w.currency AND a.party_id = w.party_id AND a.deal_id IS NULL
  UNION ALL
  SELECT a.id, a.kind, a.currency, a.party_id, a.deal_id, w.is_drawn FROM wanted w JOIN ledger_account a
      ON a.kind = w.kind AND a.currency = w.currency AND a.party_id IS NULL AND a.deal_id = w.deal_id
   WHERE w.party_id IS NULL
  UNION ALL
  SELECT a.id, a.kind, a.currency, a.party_id, a.deal_id, w.is_drawn FROM wanted w JOIN ledger_account a
      ON a.kind = w.kind AND a.currency = w.currency AND a.party_id IS NULL AND a.deal_id IS NULL
   WHERE w.party_id IS NULL AND w.deal_id IS NULL
)
"""
_FIND_ACCOUNTS = f"{_FOUND} SELECT * FROM found"  # noqa: S608 - made of this file's constants
# What is drawn on is locked by the statement that finds it, in the order of ids. No key is changed: what refers to the rows'
# keys is neither held up nor able to make a deadlock of two orders.
_FIND_AND_LOCK = f"""
{_FOUND}, locked AS (
  SELECT id FROM ledger_account WHERE id = ANY (ARRAY(SELECT id FROM found WHERE is_drawn)) ORDER BY id FOR NO KEY UPDATE
)
SELECT found.* FROM found LEFT JOIN locked ON locked.id = found.id
"""  # noqa: S608 - made of this file's constants


@dataclass(frozen=True)
class Subject:
    """What a transfer is for: the kind of row, which may belong to a higher package, and its id."""

    kind: str
    id: UUID


@dataclass(frozen=True)
class Posting:
    """A transfer with its subject and the id that its client made; the reason is the kind's own unless given.

    ``is_pending`` reserves until the transfer is posted, voided, or ``expires_at`` has come (see outcomes.py).
    """

    subject: Subject
    transfer: Transfer
    client_id: str = field(default_factory=lambda: str(uuid7()))
    reason: str | None = None
    approved_by: UUID | None = None
    is_pending: bool = False
    expires_at: datetime | None = None

    @property
    def content(self) -> Content:
        """What a repetition under the same client-made id must say as well."""
        entries = frozenset((entry.account, entry.amount_fen) for entry in self.transfer.entries)
        return Content(self.subject.kind, self.subject.id, self.transfer.kind.value, self.is_pending, entries)


def for_deposit(deposit_id: UUID, transfer: Transfer, client_id: str | None = None) -> Posting:
    """A posting whose subject is a deposit."""
    return Posting(Subject("deposit", deposit_id), transfer, client_id or str(uuid7()))


async def post_transfers(
    session: Session, postings: Sequence[Posting], *, person_id: UUID | None
) -> list[UUID]:
    """Writes transfers and returns their ids in the same order; one that was written before is not written again.

    Locks the accounts that are drawn on, in the order of their ids, then the client-made ids. Bank, fees, suspense and
    whatever is only added to are not locked, so no two deposits wait for each other at the bank account.
    Raises TransferUnbalanced, AccountOverdrawn, TransferIdUsed, CorrectionNotOfTwo.
    """
    if not postings:
        return []
    asked: dict[str, Posting] = {}
    for posting in postings:
        first = asked.setdefault(posting.client_id, posting)
        if first is not posting:
            check_same(posting.client_id, first.content, posting.content)
    entries = [entry for posting in asked.values() for entry in check_transfer(posting.transfer).entries]
    for posting in asked.values():
        if not posting.is_pending:
            check_two_people(posting.transfer.kind, person_id, posting.approved_by)
    drawn = drawn_fen(entries)
    accounts = await _find_or_open(session, {entry.account for entry in entries}, drawn)
    fresh = await _check_drawings(session, asked, drawn, accounts) if drawn else list(asked.values())
    written = await _write_transfers(session, fresh, accounts, person_id)
    ids = written | await _check_known(session, [asked[one] for one in asked.keys() - written.keys()])
    return [ids[posting.client_id] for posting in postings]


async def _check_drawings(
    session: Session, asked: dict[str, Posting], drawn: dict[Account, int], accounts: dict[Account, UUID]
) -> list[Posting]:
    """Checks what is drawn on locked accounts; returns the postings that were not written before.

    Read after the lock, in a statement of its own: what others posted or reserved while we waited is seen, and so is the
    same transfer, whose writer held the same accounts until his commit.
    """
    found = await session.swiftly(_READ_BEFORE, [accounts[account] for account in drawn], list(asked))
    known = {row["client_id"] for row in found}
    balances = {row["account_id"]: _balance(row) for row in found if row["account_id"] is not None}
    fresh = [posting for posting in asked.values() if posting.client_id not in known]
    if len(fresh) < len(asked):
        drawn = drawn_fen(entry for posting in fresh for entry in posting.transfer.entries)
    for account, amount_fen in drawn.items():
        check_drawing(account, balances.get(accounts[account], Balance()), amount_fen)
    return fresh


async def _write_transfers(
    session: Session, fresh: Sequence[Posting], accounts: dict[Account, UUID], person_id: UUID | None
) -> dict[str, UUID]:
    """Writes those whose client-made id is new, whole, in one statement; a conflicting one waits for the other transaction."""
    if not fresh:
        return {}
    # Ids are taken in one order by everybody, so that two repetitions of one batch cannot make a deadlock.
    in_order = sorted(fresh, key=lambda posting: posting.client_id)
    ids = [uuid7() for _ in in_order]
    heads = [_head(transfer_id, each, person_id) for transfer_id, each in zip(ids, in_order, strict=True)]
    sides = [
        (uuid7(), transfer_id, accounts[entry.account], entry.amount_fen, each.is_pending)
        for transfer_id, each in zip(ids, in_order, strict=True)
        for entry in each.transfer.entries
    ]
    made = await session.swiftly(_WRITE, *zip(*heads, strict=True), *zip(*sides, strict=True))
    written = {row["client_id"]: row["id"] for row in made}
    for posting in fresh:
        if posting.expires_at is not None and posting.client_id in written:
            transfer_id = str(written[posting.client_id])
            payload = {"transfer_id": transfer_id}
            await promise(session, EXPIRE_TASK, payload, run_at=posting.expires_at, key=transfer_id)
    return written


def _head(transfer_id: UUID, posting: Posting, person_id: UUID | None) -> tuple[object, ...]:
    return (
        transfer_id,
        posting.client_id,
        posting.transfer.kind.value,
        posting.subject.kind,
        posting.subject.id,
        posting.subject.id if posting.subject.kind == "deposit" else None,
        posting.reason or TRANSFER_ZH[posting.transfer.kind],
        len(posting.transfer.entries),
        posting.is_pending,
        posting.expires_at,
        person_id,
        posting.approved_by,
    )


async def _check_known(session: Session, repeated: Sequence[Posting]) -> dict[str, UUID]:
    """The ids of transfers that were there already; raises TransferIdUsed where the content differs."""
    if not repeated:
        return {}
    query = (
        select(LedgerTransfer, LedgerEntry.amount_fen, LedgerAccount)
        .join(LedgerEntry, LedgerEntry.transfer_id == LedgerTransfer.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerTransfer.client_id.in_([posting.client_id for posting in repeated]))
    )
    heads: dict[str, LedgerTransfer] = {}
    sides: dict[str, set[tuple[Account, int]]] = {}
    for head, amount_fen, account in await session.execute(query):
        heads[head.client_id] = head
        sides.setdefault(head.client_id, set()).add((account_of(account), amount_fen))
    for posting in repeated:
        head = heads[posting.client_id]
        first = Content(
            head.subject_kind,
            head.subject_id,
            head.kind,
            head.is_pending,
            frozenset(sides[posting.client_id]),
        )
        check_same(posting.client_id, first, posting.content)
    return {client_id: head.id for client_id, head in heads.items()}


async def read_balances(session: AnySession, account_ids: Sequence[UUID]) -> dict[UUID, Balance]:
    """Sums accounts in one statement: what is posted and what is reserved; one without entries is absent."""
    found = await session.swiftly(_READ_BALANCES, list(account_ids))
    return {row["account_id"]: _balance(row) for row in found}


def _balance(row: Record) -> Balance:
    return Balance(int(row["posted"]), int(row["reserved"]))


def account_of(row: LedgerAccount) -> Account:
    """The account that a row stands for."""
    return Account(AccountKind(row.kind), row.party_id, row.deal_id, Currency(row.currency))


async def find_accounts(session: AnySession, accounts: Iterable[Account]) -> dict[Account, UUID]:
    """Finds the ids of accounts; one that was never used is absent."""
    return await _find(session, _FIND_ACCOUNTS, accounts, ())


async def _find(
    session: AnySession, query: str, accounts: Iterable[Account], drawn: Container[Account]
) -> dict[Account, UUID]:
    wanted = [(a.kind.value, a.currency.value, a.party_id, a.deal_id, a in drawn) for a in accounts]
    if not wanted:
        return {}
    found = await session.swiftly(query, *zip(*wanted, strict=True))
    return {
        Account(AccountKind(row["kind"]), row["party_id"], row["deal_id"], Currency(row["currency"])): row[
            "id"
        ]
        for row in found
    }


async def _find_or_open(
    session: Session, accounts: set[Account], drawn: Container[Account]
) -> dict[Account, UUID]:
    """The ids of accounts, those that are drawn on under their locks; what was never used is opened, and empty."""
    ids = await _find(session, _FIND_AND_LOCK, accounts, drawn)
    # Opened in one order by everybody: a conflicting insert waits for the other transaction.
    missing = sorted(
        accounts - ids.keys(), key=lambda item: (item.kind, str(item.party_id), str(item.deal_id))
    )
    if missing:
        rows = [
            {
                "id": uuid7(),
                "kind": a.kind.value,
                "currency": a.currency.value,
                "party_id": a.party_id,
                "deal_id": a.deal_id,
            }
            for a in missing
        ]
        await session.execute(upsert(LedgerAccount).values(rows).on_conflict_do_nothing())
        ids |= await _find(session, _FIND_AND_LOCK, missing, drawn)
    return ids
