"""Corrections: proposed by one, counted by another, and never where rows say otherwise."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import select

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.errors import MarketError
from app.ids import uuid7
from app.payments.checking import find_faults
from app.payments.correcting import NewCorrection, decide_correction, propose_correction
from app.payments.errors import AccountOverdrawn, CorrectionNotOfTwo, TransferMissing, TransferSettled
from app.payments.errors_corrections import (
    CorrectionAmountUnfit,
    CorrectionElsewhere,
    CorrectionReasonUnfit,
    NotACorrection,
)
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.models import LedgerOutcome
from app.payments.queries import get_balance
from app.payments.rules import Account, AccountKind, Entry, Transfer, TransferKind
from tests.make_accounts import make_caller, make_organisation

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Database, Session

FEES, BANK = Account(AccountKind.FEE_INCOME), Account(AccountKind.BANK)
WHY = "服务费多扣，按公告费率退还转让方。"


async def make_fee(session: Session, fee_fen: int = 90_000) -> tuple[UUID, Account]:
    """A fee that was charged on what a seller is due; the transfer's id and the seller's account."""
    seller = Account(AccountKind.SELLER_DUE, (await make_organisation(session)).id)
    came = Transfer(TransferKind.PRICE_RELEASED, (Entry(BANK, 1_000_000), Entry(seller, -1_000_000)))
    fee = Transfer(TransferKind.FEE_CHARGED, (Entry(seller, fee_fen), Entry(FEES, -fee_fen)))
    subject = Subject("settlement", uuid7())
    await post_transfers(session, [Posting(subject, came)], person_id=None)
    (charged,) = await post_transfers(session, [Posting(subject, fee)], person_id=None)
    return charged, seller


async def make_finance(session: Session) -> tuple[Caller, Caller]:
    return await make_caller(session, Role.FINANCE), await make_caller(session, Role.FINANCE)


async def test_a_correction_counts_once_another_person_has_approved_it(session: Session) -> None:
    charged, seller = await make_fee(session)
    one, other = await make_finance(session)
    proposed = await propose_correction(session, one, NewCorrection(charged, FEES, seller, 40_000, WHY))
    assert await get_balance(session, seller) == -910_000
    with pytest.raises(CorrectionNotOfTwo):
        await decide_correction(session, one, proposed, approves=True)
    await decide_correction(session, other, proposed, approves=True)
    assert (await get_balance(session, seller), await get_balance(session, FEES)) == (-950_000, -50_000)
    with pytest.raises(TransferSettled):
        await decide_correction(session, other, proposed, approves=False)
    assert await find_faults(session) == []


async def test_a_declined_correction_gives_back_what_it_reserved(session: Session) -> None:
    charged, seller = await make_fee(session)
    one, other = await make_finance(session)
    first = await propose_correction(session, one, NewCorrection(charged, seller, FEES, 910_000, WHY))
    again = NewCorrection(charged, seller, FEES, 1, WHY)
    with pytest.raises(AccountOverdrawn):
        async with session.begin_nested():
            await propose_correction(session, one, again)
    await decide_correction(session, one, first, approves=False)
    await propose_correction(session, one, again)
    with pytest.raises(TransferSettled):
        await decide_correction(session, other, first, approves=True)
    assert await find_faults(session) == []


async def test_what_follows_rows_is_not_corrected_in_the_ledger_alone(session: Session) -> None:
    charged, seller = await make_fee(session)
    one, other = await make_finance(session)
    party = seller.party_id
    escrow = Account(AccountKind.PRICE_ESCROW, deal_id=uuid7())
    for account in (Account(AccountKind.DEPOSIT_HELD, party), Account(AccountKind.SUSPENSE), escrow):
        with pytest.raises(CorrectionElsewhere):
            await propose_correction(session, one, NewCorrection(charged, account, FEES, 1, WHY))
    new = NewCorrection(charged, FEES, seller, 1, WHY)
    wrong: list[tuple[NewCorrection, type[MarketError]]] = [
        (NewCorrection(uuid7(), FEES, seller, 1, WHY), TransferMissing),
        (NewCorrection(charged, FEES, seller, 0, WHY), CorrectionAmountUnfit),
        (NewCorrection(charged, FEES, seller, -5, WHY), CorrectionAmountUnfit),
        (NewCorrection(charged, FEES, seller, 1, "  错 "), CorrectionReasonUnfit),
        (NewCorrection(await propose_correction(session, one, new), FEES, seller, 1, WHY), TransferSettled),
    ]
    for unfit, error in wrong:
        with pytest.raises(error):
            await propose_correction(session, one, unfit)
    with pytest.raises(NotACorrection):
        await decide_correction(session, other, charged, approves=True)
    with pytest.raises(NotPermitted):
        await propose_correction(session, await make_caller(session, Role.SUPERVISOR), new)


async def test_of_two_who_decide_at_once_one_does(db: Database) -> None:
    charged, seller = await db.write(make_fee)
    one, other = await db.write(make_finance)
    new = NewCorrection(charged, FEES, seller, 40_000, WHY)
    proposed = await db.write(propose_correction, one, new)

    async def decide(approves: bool) -> bool:  # noqa: FBT001 - which of the two
        async def act(session: Session) -> UUID:
            return await decide_correction(session, other, proposed, approves=approves)

        try:
            await db.write(act)
        except TransferSettled:
            return False
        return True

    done = await asyncio.gather(decide(True), decide(False))  # noqa: FBT003 - as above
    assert sorted(done) == [False, True]
    async with db.reading() as session:
        query = select(LedgerOutcome.outcome).where(LedgerOutcome.transfer_id == proposed)
        outcomes = (await session.execute(query)).scalars().all()
    assert outcomes == ["posted" if done[0] else "voided"]
