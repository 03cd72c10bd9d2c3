"""More of what happens in random trades: licences sold to many with royalties, withdrawals, halts, claims on deposits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text

from app.payments.models import Deposit
from app.settlement.forfeiting import Claimed, answer_forfeiture, decide_forfeiture, declare_forfeiture
from app.settlement.models import Settlement
from app.settlement.opening import open_settlement
from app.settlement.plan_models import ReportCorrection, RoyaltyPlan, RoyaltyReport
from app.settlement.royalties import answer_correction, answer_report, propose_correction, report_royalty
from app.settlement.rules import PlanKind
from app.trades.bulletins import Said
from app.trades.forfeit_models import DepositForfeiture
from app.trades.forfeit_rules import ForfeitGround
from app.trades.halting import resume_listing, suspend_listing
from app.trades.licence_sales import find_open_licence, take_licence, terms_sha256
from app.trades.models import Deal, Intent, Listing
from app.trades.terminating import terminate_listing
from app.trades.withdrawing import withdraw_intent
from tests.make_licences import WITH_ROYALTY, make_open
from tests.make_trades import make_buyer, make_seller
from tests.stateful.market import Market, Trade

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session

SAID = Said("权利状况需要核实，暂停办理。", "The rights have to be looked into.")
# The periods of a plan that was agreed today have not ended: only a test can put their beginning years back.
YEARS_AGO = (
    "ALTER TABLE royalty_plan DISABLE TRIGGER USER",
    "UPDATE royalty_plan SET starts_on = starts_on - 1461 WHERE starts_on > market_now()::date",
    "ALTER TABLE royalty_plan ENABLE TRIGGER USER",
)


async def open_a_licence(market: Market) -> None:
    """A patent is licensed to anybody, for an entry fee and a royalty; some want it."""

    async def offer(session: Session) -> Trade:
        seller = await make_seller(session)
        listing = await make_open(session, seller=seller, said=WITH_ROYALTY)
        return Trade(listing.id, seller, [await make_buyer(session) for _ in range(3)])

    market.trades.append(await market.db.write(offer))
    market.done.append("licence begins")


def _party(market: Market, organisation_id: UUID) -> Caller:
    people = [caller for trade in market.trades for caller in (trade.seller, *trade.buyers)]
    return next(caller for caller in people if caller.organisation_id == organisation_id)


async def take(market: Market) -> None:
    """Somebody takes an ordinary licence, one that has it takes it again at times."""
    row = await market.pick(select(Listing.id).where(Listing.is_open_licence, Listing.status == "listed"))
    if row is None:
        return
    trade = next(each for each in market.trades if each.listing_id == row.id)

    async def taken(session: Session) -> UUID:
        listing = await session.get_one(Listing, row.id)
        terms = terms_sha256(listing, await find_open_licence(session, listing.id))
        return await take_licence(session, market.one_of(trade.buyers), listing.id, terms)

    await market.do("licence taken", taken)


async def pay_by_royalties(market: Market) -> None:
    """A settlement begins by the royalty that was declared."""
    query = (
        select(Deal.id, Deal.buyer_id)
        .join(Listing, Listing.id == Deal.listing_id)
        .outerjoin(Settlement, Settlement.deal_id == Deal.id)
        .where(Listing.is_open_licence, Settlement.id.is_(None))
    )
    deal = await market.pick(query)
    if deal is not None:
        await market.do(
            "royalty plan", open_settlement, _party(market, deal.buyer_id), deal.id, PlanKind.ENTRY_FEE
        )


async def report(market: Market) -> None:
    """A period is reported, reported anew, accepted, objected to, corrected, and the correction answered."""
    plan = await market.pick(
        select(RoyaltyPlan.settlement_id, Settlement.buyer_id, Settlement.seller_id).join(Settlement)
    )
    if plan is None:
        return
    buyer, seller = _party(market, plan.buyer_id), _party(market, plan.seller_id)
    async with market.db.transaction() as session:
        for statement in YEARS_AGO:
            await session.execute(text(statement))
    waits = await market.pick(select(ReportCorrection.id).where(ReportCorrection.status == "proposed"))
    if waits is not None:
        caller, agrees = market.one_of([seller, buyer]), market.chance.random() < 0.7
        await market.do("correction answered", answer_correction, caller, waits.id, agrees=agrees)
        return
    own = select(RoyaltyReport.id, RoyaltyReport.status, RoyaltyReport.period).where(
        RoyaltyReport.settlement_id == plan.settlement_id, RoyaltyReport.status.in_(("submitted", "objected"))
    )
    found = await market.pick(own)
    base_fen = market.chance.randrange(10**9)
    if found is None or market.chance.random() < 0.2:
        number = market.one_of([1, 2, 3])
        reason = None if found is None else "漏报了一家经销商。"
        await market.do("report", report_royalty, buyer, plan.settlement_id, number, base_fen, reason=reason)
    elif found.status == "objected":
        caller = market.one_of([seller, buyer])
        await market.do("correction", propose_correction, caller, found.id, base_fen, "按审计报告更正。")
    else:
        accepts = market.chance.random() < 0.6
        await market.do(
            "report answered", answer_report, seller, found.id, accepts=accepts, objection="要求查阅账目。"
        )


async def withdraw(market: Market) -> None:
    """A buyer withdraws, in time or too late."""
    row = await market.pick(
        select(Intent.id, Intent.buyer_id).where(Intent.status.in_(("qualified", "admitted", "paid")))
    )
    if row is not None:
        await market.do("withdrawn", withdraw_intent, _party(market, row.buyer_id), row.id)


async def halt(market: Market) -> None:
    """A listing is suspended, resumed or ended by the desk."""
    row = await market.pick(
        select(Listing.id, Listing.status).where(Listing.status.in_(("listed", "suspended")))
    )
    if row is None:
        return
    chosen = market.chance.random()
    if chosen < 0.15:
        await market.do("terminated", terminate_listing, market.reviewer, row.id, SAID, ground="obstacle")
    elif row.status == "suspended":
        await market.do("resumed", resume_listing, market.reviewer, row.id, SAID)
    else:
        await market.do("suspended", suspend_listing, market.reviewer, row.id, SAID)


async def claim(market: Market) -> None:
    """A deposit is to be kept: declared at any time, answered or not, confirmed or refused by anybody of finance."""
    open_one = await market.pick(
        select(DepositForfeiture.id, DepositForfeiture.party_id).where(DepositForfeiture.status == "declared")
    )
    if open_one is not None and market.chance.random() < 0.8:
        if market.chance.random() < 0.5:
            party = _party(market, open_one.party_id)
            await market.do("claim answered", answer_forfeiture, party, open_one.id, "材料由代办机构提供。")
        else:
            await decide(market, open_one.id, confirms=market.chance.random() < 0.6)
        return
    row = await market.pick(
        select(Intent.id)
        .join(Deposit, Deposit.id == Intent.deposit_id)
        .where(Deposit.status.in_(("held", "released")))
    )
    if row is not None:
        said = Claimed(
            ForfeitGround.FALSE_DOCUMENTS,
            "资信证明系伪造，银行回函否认。",
            "银行回函第三号扫描件。",
            loss_fen=market.one_of([0, 300_000, 5_000_000]),
        )
        await market.do("claim", declare_forfeiture, market.reviewer, row.id, said)


async def decide(market: Market, claim_id: UUID, *, confirms: bool) -> None:
    """Finance decides on a claim."""
    await market.do(
        "claim decided",
        decide_forfeiture,
        market.one_of(market.finance),
        claim_id,
        confirms=confirms,
        reason="核对了全部材料。",
    )


async def end_what_is_halted(market: Market) -> None:
    """At the end the desk ends whatever is still suspended."""
    async with market.db.reading() as session:
        left = (
            (await session.execute(select(Listing.id).where(Listing.status == "suspended"))).scalars().all()
        )
    for listing_id in left:
        await market.db.write(terminate_listing, market.reviewer, listing_id, SAID, ground="obstacle")


async def refuse_what_waits(market: Market) -> None:
    """At the end no claim is left open: whatever waits is refused."""
    async with market.db.reading() as session:
        waiting = select(DepositForfeiture.id).where(DepositForfeiture.status == "declared")
        left = (await session.execute(waiting)).scalars().all()
    for claim_id in left:
        await market.db.write(
            decide_forfeiture, market.finance[0], claim_id, confirms=False, reason="核对后不成立。"
        )


WIDER_ACTS: dict[Any, int] = {
    take: 3,
    pay_by_royalties: 3,
    report: 4,
    withdraw: 1,
    halt: 1,
    claim: 4,
}
