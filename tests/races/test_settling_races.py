"""Races for reports and their corrections, corrections of the ledger, licences and claims; each lock with its twin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from app.accounts.models import Organisation
from app.accounts.permissions import Role
from app.ids import uuid7
from app.payments import outcomes, withholding
from app.payments.checking import find_faults
from app.payments.correcting import NewCorrection, decide_correction
from app.payments.correcting import propose_correction as propose_correction_of_ledger
from app.payments.errors import TransferSettled
from app.payments.errors_withholding import DepositWithheld
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.models import Deposit, LedgerOutcome
from app.payments.rules import Account, AccountKind, Entry, Transfer, TransferKind
from app.settlement import forfeiting, royalties
from app.settlement.errors_plans import CorrectionAnswered, CorrectionWaits, ReportAccepted, ReportReplaced
from app.settlement.forfeiting import Claimed, answer_forfeiture, decide_forfeiture, declare_forfeiture
from app.settlement.models import Settlement
from app.settlement.plan_models import ReportCorrection, RoyaltyReport
from app.settlement.plan_queries import find_open_correction
from app.settlement.royalties import answer_correction, answer_report, propose_correction, report_royalty
from app.trades.award import award_auction
from app.trades.errors_forfeit import ForfeitureDecided
from app.trades.forfeit_rules import ForfeitGround
from app.trades.models import Listing
from tests.make_accounts import make_caller
from tests.make_plans import make_royalties
from tests.make_trades import close_sale, make_intent, make_listing
from tests.races import meeting
from tests.trades.test_trades_races import Race, both, meet_after, meet_before, name_of, refusals

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Database, Session
    from app.payments.rules import TransferState
    from app.trades.models import Intent
    from tests.make_settlements import Settling

    Patch = pytest.MonkeyPatch

REASON = "按审计报告更正。"
YEARS_AGO = (
    "ALTER TABLE royalty_plan DISABLE TRIGGER USER",
    "UPDATE royalty_plan SET starts_on = starts_on - 1461",
    "ALTER TABLE royalty_plan ENABLE TRIGGER USER",
)


async def reported(db: Database) -> tuple[Settling, UUID]:
    """A royalty whose first period was reported."""
    made = await db.write(make_royalties)

    async def put_back(session: Session) -> None:
        for statement in YEARS_AGO:
            await session.execute(text(statement))

    await db.write(put_back)
    return made, await db.write(report_royalty, made.agreed.buyer, made.settlement_id, 1, 1_000_000)


async def count(session: Session, what: Any) -> int:
    return int((await session.execute(select(func.count()).select_from(what))).scalar_one())


async def an_acceptance_and_a_replacement(db: Database, patch: Patch) -> None:
    """A report is accepted or replaced, never both: whoever comes second is told."""
    made, report_id = await reported(db)
    meet_before(patch, royalties, "audit")
    answers = await both(
        db.write(answer_report, made.agreed.seller, report_id, accepts=True),
        db.write(
            report_royalty, made.agreed.buyer, made.settlement_id, 1, 2_000_000, reason="漏报了一家经销商。"
        ),
    )
    refused = next(iter(refusals(answers)), None)
    assert len(refusals(answers)) == 1
    assert refused in (ReportAccepted, ReportReplaced)
    async with db.transaction() as session:
        accepted = select(RoyaltyReport).where(RoyaltyReport.status == "accepted").subquery()
        assert await count(session, accepted) == (1 if refused is ReportAccepted else 0)


async def objected(db: Database) -> tuple[Settling, UUID]:
    made, report_id = await reported(db)
    await db.write(answer_report, made.agreed.seller, report_id, accepts=False, objection="要求查阅账目。")
    return made, report_id


async def a_correction_and_a_replacement(db: Database, patch: Patch) -> None:
    """A report that is being corrected is not replaced, and one that is replaced is not corrected."""
    made, report_id = await objected(db)
    meet_before(patch, royalties, "audit")
    answers = await both(
        db.write(propose_correction, made.agreed.seller, report_id, 3_000_000, REASON),
        db.write(
            report_royalty, made.agreed.buyer, made.settlement_id, 1, 2_000_000, reason="漏报了一家经销商。"
        ),
    )
    refused = next(iter(refusals(answers)), None)
    assert len(refusals(answers)) == 1
    assert refused in (CorrectionWaits, ReportReplaced)


async def two_answers_to_a_correction(db: Database, patch: Patch) -> None:
    """Agreed to or declined, once: two of the other side who answer at once are not both heard."""
    made, report_id = await objected(db)
    await db.write(propose_correction, made.agreed.seller, report_id, 3_000_000, REASON)
    found = await db.read(find_open_correction, report_id)
    assert isinstance(found, ReportCorrection)
    meet_before(patch, royalties, "_note_answer")
    answers = await both(
        *(db.write(answer_correction, made.agreed.buyer, found.id, agrees=agrees) for agrees in (True, False))
    )
    assert refusals(answers) == [CorrectionAnswered]


SAID = Claimed(ForfeitGround.COLLUSION, "两份报价文件出自同一台电脑。", "取证记录第七号。")


async def claimed(db: Database) -> tuple[UUID, UUID]:
    """A claim on a loser's deposit that its party has answered; the sale is over."""

    async def prepared(session: Session) -> tuple[UUID, UUID]:
        listing, _, loser = await _ended(session)
        claim = await declare_forfeiture(session, await make_caller(session, Role.REVIEWER), loser.id, SAID)
        await award_auction(session, {"auction_id": str(listing.auction_id)})
        buyer = await session.get_one(Organisation, loser.buyer_id)
        party = await make_caller(session, Role.BIDDER, organisation=buyer)
        await answer_forfeiture(session, party, claim, "设备由会场提供。")
        assert loser.deposit_id is not None
        return loser.deposit_id, claim

    return await db.write(prepared)


async def _loser(session: Session) -> UUID:
    return (await _ended(session))[2].id


async def _ended(session: Session) -> tuple[Listing, Intent, Intent]:
    listing = await make_listing(session, status="listed")
    winner = await make_intent(session, listing, status="admitted")
    loser = await make_intent(session, listing, status="admitted")
    await close_sale(session, listing, winner, 12_800_000)
    for row in (listing, winner, loser):
        await session.refresh(row)
    return listing, winner, loser


async def a_claim_is_confirmed_and_refused_at_once(db: Database, patch: Patch) -> None:
    """A deposit is kept or goes back, never both."""
    deposit_id, claim = await claimed(db)
    people = [await db.write(make_caller, Role.FINANCE) for _ in range(2)]
    meet_before(patch, forfeiting, "get_intent")
    answers = await both(
        *(
            db.write(decide_forfeiture, caller, claim, confirms=confirms, reason="核对了全部材料。")
            for caller, confirms in zip(people, (True, False), strict=True)
        )
    )
    assert refusals(answers) == [ForfeitureDecided]
    assert await db.read(find_faults) == []
    async with db.transaction() as session:
        assert (await session.get_one(Deposit, deposit_id)).status in {"forfeited", "released"}


async def two_claims_on_one_deposit(db: Database, patch: Patch) -> None:
    """Two reviewers declare at once: one deposit is claimed once, and the second is told."""
    loser_id = await db.write(_loser)
    people = [await db.write(make_caller, Role.REVIEWER) for _ in range(2)]
    meet_after(patch, withholding, "lock_deposit")
    answers = await both(*(db.write(declare_forfeiture, caller, loser_id, SAID) for caller in people))
    assert refusals(answers) == [DepositWithheld]


async def two_decisions_on_a_correction(db: Database, patch: Patch) -> None:
    """A correction of the ledger is approved or declined: its one outcome decides, and the second is told."""
    proposed = await db.write(propose_a_correction)
    people = [await db.write(make_caller, Role.FINANCE) for _ in range(2)]
    meet_after(patch, outcomes, "get_state")
    answers = await both(
        *(
            db.write(decide_correction, caller, proposed, approves=approves)
            for caller, approves in zip(people, (True, False), strict=True)
        )
    )
    assert refusals(answers) == [TransferSettled]
    assert await db.read(count, LedgerOutcome) == 1


async def propose_a_correction(session: Session) -> UUID:
    """A fee of the bank's that was left out, to be written."""
    wrong = Transfer(
        TransferKind.LINE_RECEIVED,
        (Entry(Account(AccountKind.BANK), 500), Entry(Account(AccountKind.SUSPENSE), -500)),
    )
    (transfer_id,) = await post_transfers(
        session, [Posting(Subject("bank_line", uuid7()), wrong)], person_id=None
    )
    new = NewCorrection(
        transfer_id,
        Account(AccountKind.FEE_INCOME),
        Account(AccountKind.BANK),
        500,
        "银行手续费漏记，按回单补记。",
    )
    return await propose_correction_of_ledger(session, await make_caller(session, Role.FINANCE), new)


async def unlocked(session: Session, settlement_id: UUID) -> Settlement:
    return await session.get_one(Settlement, settlement_id, populate_existing=True)


async def unlocked_own(session: Session, caller: Caller, settlement_id: UUID) -> Settlement:
    del caller
    return await unlocked(session, settlement_id)


async def unlocked_listing(session: Session, listing_id: UUID) -> Listing:
    return await session.get_one(Listing, listing_id, populate_existing=True)


async def unlocked_deposit(session: Session, deposit_id: UUID) -> Deposit:
    return await session.get_one(Deposit, deposit_id, populate_existing=True)


async def one_outcome_each(
    session: Session, transfer_id: UUID, wanted: TransferState, person_id: UUID | None
) -> None:
    """The outcome as it would be written by who looks and then writes: over the one that is there."""
    await outcomes.get_state(session, transfer_id)
    row = insert(LedgerOutcome).values(transfer_id=transfer_id, outcome=wanted.value, person_id=person_id)
    await session.execute(row)


def without_answers_lock(patch: Patch) -> None:
    patch.setattr(royalties, "lock_settlement", unlocked)
    patch.setattr(royalties, "lock_own_settlement", unlocked_own)


def without_listing_lock(patch: Patch) -> None:
    patch.setattr(forfeiting, "lock_listing", unlocked_listing)


def without_claims_locks(patch: Patch) -> None:
    without_listing_lock(patch)
    patch.setattr(withholding, "lock_deposit", unlocked_deposit)


def without_the_one_outcome(patch: Patch) -> None:
    patch.setattr(outcomes, "_settle", one_outcome_each)


RACES = [
    Race(an_acceptance_and_a_replacement, without_answers_lock),
    Race(a_correction_and_a_replacement, without_answers_lock),
    Race(two_answers_to_a_correction, without_answers_lock),
    Race(two_decisions_on_a_correction, without_the_one_outcome),
    Race(a_claim_is_confirmed_and_refused_at_once, without_listing_lock),
    Race(two_claims_on_one_deposit, without_claims_locks),
]


@pytest.mark.parametrize("race", RACES, ids=name_of)
async def test_under_the_lock_the_race_has_one_outcome(race: Race, db: Database, monkeypatch: Patch) -> None:
    await race.run(db, monkeypatch)


@pytest.mark.parametrize("race", RACES, ids=name_of)
async def test_without_the_lock_the_same_race_goes_wrong(
    race: Race, db: Database, monkeypatch: Patch
) -> None:
    race.without(monkeypatch)
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises((AssertionError, DBAPIError)):
        await race.run(db, monkeypatch)
