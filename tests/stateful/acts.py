"""What people, the bank, the card gateway and time do in random trades; each act finds something it can be done to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.accounts.models import Organisation
from app.contracts.drafting import draft_contract
from app.contracts.models import Contract
from app.contracts.signing import sign_contract
from app.payments.card_payments import store_event
from app.payments.deposits import BankLine as TypedLine
from app.payments.line_matches import return_line
from app.payments.match_rules import TargetKind
from app.payments.models import Deposit
from app.payments.order_models import PaymentExport, PaymentOrder
from app.payments.orders import approve_orders, cancel_order, execute_export, export_orders, settle_orders
from app.payments.payable_models import Payable
from app.payments.statement_import import StatementFile, import_statement
from app.payments.statement_models import BankLine, LineMatch
from app.settlement.defaulting import Declared, decide_default, declare_default
from app.settlement.models import EscrowRelease, Settlement
from app.settlement.opening import open_settlement
from app.settlement.releasing import (
    Recordal,
    complete_settlement,
    decide_release,
    request_release,
    review_recordal,
    submit_recordal,
)
from app.settlement.rules import PlanKind
from app.trades.admission import confirm_receipt
from app.trades.agreement import confirm_agreement
from app.trades.award import award_auction
from app.trades.card_admission import pay_by_card
from app.trades.default_models import DealDefault
from app.trades.default_rules import Ground
from app.trades.line_matching import decide_match, match_line
from app.trades.models import Deal, Intent, Listing
from app.trades.negotiating import OfferTerms
from app.trades.room_models import NegotiationOffer, NegotiationRoom
from app.trades.rooms import accept_offer, make_offer, open_room, withdraw_offer
from tests.make_contracts import OFFICE
from tests.make_statements import ACCOUNT, make_row, write_csv
from tests.make_trades import (
    close_sale,
    make_buyer,
    make_intent,
    make_listed_price,
    make_listing,
    make_negotiated,
    make_seller,
)
from tests.stateful.market import Market, Trade

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session

CARDS = ("pm_card_visa", "pm_card_visa", "pm_card_visa_chargeDeclined")
HALF_AN_HOUR = timedelta(minutes=31)


async def begin(market: Market, method: str) -> None:
    """A seller lists something by one of the three methods, and some want it."""

    async def offer(session: Session) -> Trade:
        seller = await make_seller(session)
        if method == "negotiated":
            listing = await make_negotiated(session, seller=seller)
            buyers = [await make_buyer(session) for _ in range(2)]
            rooms = [(await open_room(session, buyer, listing.id), buyer) for buyer in buyers]
            return Trade(listing.id, seller, buyers, rooms)
        if method == "listed":
            listing = await make_listed_price(session, seller=seller)
        else:
            listing = await make_listing(session, status="listed", seller=seller)
        buyers = [await make_buyer(session) for _ in range(market.one_of([1, 2, 3]))]
        for buyer in buyers:
            await make_intent(session, listing, status="qualified", buyer=buyer)
        return Trade(listing.id, seller, buyers)

    market.trades.append(await market.db.write(offer))
    market.done.append(f"{method} begins")


def _buyer(market: Market, party_id: UUID) -> Caller:
    return next(
        buyer for trade in market.trades for buyer in trade.buyers if buyer.organisation_id == party_id
    )


def _sides(market: Market, listing_id: UUID, buyer_id: UUID) -> tuple[Caller, Caller]:
    trade = next(trade for trade in market.trades if trade.listing_id == listing_id)
    return trade.seller, next(buyer for buyer in trade.buyers if buyer.organisation_id == buyer_id)


async def type_receipt(market: Market) -> None:
    """Finance types a line of the bank: right, short, or somebody else's."""
    query = select(Deposit.id, Deposit.amount_fen, Organisation.name).join(
        Organisation, Organisation.id == Deposit.party_id
    )
    row = await market.pick(query.where(Deposit.status == "due"))
    if row is None:
        return
    wrong = market.chance.random()
    line = TypedLine(
        row.amount_fen - (wrong < 0.1),
        "别的公司" if 0.1 <= wrong < 0.2 else row.name,
        f"SD{market.chance.randrange(10**9)}",
        date(2026, 1, 5),
    )
    await market.do("receipt", confirm_receipt, market.one_of(market.finance), row.id, line)


async def pay_by_a_card(market: Market) -> None:
    """A buyer pays his deposit by card; some cards are declined."""
    row = await market.pick(select(Deposit.id, Deposit.party_id).where(Deposit.status == "due"))
    if row is not None:
        await market.do("card", pay_by_card, _buyer(market, row.party_id), row.id, market.one_of(CARDS))


async def hear(market: Market) -> None:
    """Events of the gateway come, some of them, in any order and twice."""
    events = list(market.stripe.state.events.values())
    some = market.chance.sample(events, market.chance.randint(0, min(4, len(events))))
    for event in market.chance.sample(some * 2, len(some) * 2):
        body, signature = market.stripe.webhook(event)
        await market.db.write(store_event, market.gateway.read_event(body, signature), event)
    await market.keep_promises()


async def import_line(market: Market) -> None:
    """A statement brings money for something that is due: as much, too much, too little, or from another; perhaps twice."""
    sources: list[type[Deposit | Payable]] = [Deposit, Payable]
    source = market.one_of(sources)
    query = select(source.reference, source.amount_fen, Organisation.name).join(
        Organisation, Organisation.id == source.party_id
    )
    row = await market.pick(query.where(source.status == "due"))
    if row is None:
        return
    fen = row.amount_fen + market.one_of([0, 0, 0, 0, 500, -500])
    name = market.one_of([row.name, row.name, row.name, "虚构第三方有限公司"])
    account = f"62220000{market.chance.randrange(10**8):08d}"
    words = make_row(amount=f"{fen / 100:.2f}", name=name, remark=f"付款 {row.reference}", account=account)
    file = StatementFile("流水.csv", write_csv([words]), ACCOUNT)
    await market.do("statement", import_statement, market.one_of(market.finance), file)


async def match(market: Market) -> None:
    """A line is matched to something that is due: mostly what its remark names."""
    line = await market.pick(select(BankLine.id, BankLine.remark).where(BankLine.status == "open"))
    kinds: list[tuple[TargetKind, type[Deposit | Payable]]] = [
        (TargetKind.DEPOSIT, Deposit),
        (TargetKind.PAYABLE, Payable),
    ]
    kind, table = market.one_of(kinds)
    if line is None:
        return
    due = select(table.id).where(table.status == "due")
    named = await market.pick(due.where(table.reference == line.remark.split(" ")[-1]))
    target = named or await market.pick(due)
    if target is not None:
        await market.do("match", match_line, market.one_of(market.finance), line.id, kind, target.id)


async def decide_a_match(market: Market) -> None:
    """The second person decides on a line from a third party."""
    row = await market.pick(select(LineMatch.id).where(LineMatch.status == "proposed"))
    if row is not None:
        is_confirmed = market.chance.random() < 0.6
        caller = market.one_of(market.finance)
        await market.do(
            "match decided",
            decide_match,
            caller,
            row.id,
            is_confirmed=is_confirmed,
            reason="已核对付款说明。",
        )


async def send_back(market: Market) -> None:
    """A line that pays nothing is sent back."""
    row = await market.pick(select(BankLine.id).where(BankLine.status == "open"))
    if row is not None and market.chance.random() < 0.4:
        await market.do(
            "line returned", return_line, market.one_of(market.finance), row.id, "没有对应的应缴款。"
        )


async def end_sale(market: Market) -> None:
    """A sale ends, won by somebody who was admitted or unsold, and its award comes twice at times."""
    query = select(Listing.id).where(Listing.status == "listed", Listing.auction_id.is_not(None))
    row = await market.pick(query)
    if row is None:
        return
    admitted = select(Intent.id).where(Intent.listing_id == row.id, Intent.status == "admitted")
    won = await market.pick(admitted) if market.chance.random() < 0.8 else None

    async def close(session: Session) -> None:
        listing = await session.get_one(Listing, row.id)
        winner = None if won is None else await session.get_one(Intent, won.id)
        await close_sale(session, listing, winner, 12_000_000 if winner else None)

    async def award(session: Session) -> None:
        listing = await session.get_one(Listing, row.id)
        await award_auction(session, {"auction_id": str(listing.auction_id)})

    await market.db.write(close)
    await market.do("award", award)


async def talk(market: Market) -> None:
    """In a room an offer is made, withdrawn or accepted, or what was agreed becomes a deal."""
    rooms = [(trade, *room) for trade in market.trades for room in trade.rooms]
    if not rooms:
        return
    trade, room_id, buyer = market.one_of(rooms)
    caller = market.one_of([trade.seller, buyer])
    offers = select(NegotiationOffer.number).where(
        NegotiationOffer.room_id == room_id, NegotiationOffer.status == "open"
    )
    row = await market.pick(offers)
    closes = await market.pick(select(Listing.closes_at).where(Listing.id == trade.listing_id))
    is_agreed = await market.pick(
        select(NegotiationRoom.id).where(NegotiationRoom.id == room_id, NegotiationRoom.status == "agreed")
    )
    if is_agreed is not None:
        await market.do("agreement", confirm_agreement, caller, room_id)
    elif row is None or market.chance.random() < 0.2:
        terms = OfferTerms(
            price_fen=market.one_of([8_000_000, 9_000_000]),
            valid_until=closes.closes_at - timedelta(minutes=1),
        )
        await market.do("offer", make_offer, caller, room_id, terms)
    elif market.chance.random() < 0.25:
        await market.do("withdrawal", withdraw_offer, caller, room_id, row.number)
    else:
        await market.do("acceptance", accept_offer, caller, room_id, row.number)


async def sign(market: Market) -> None:
    """A deal's contract is drawn up and signed by one side or the other."""
    deal = await market.pick(select(Deal.id, Deal.listing_id, Deal.buyer_id))
    if deal is None:
        return
    caller = market.one_of(_sides(market, deal.listing_id, deal.buyer_id))
    contract = await market.pick(
        select(Contract.id, Contract.document_sha256).where(Contract.deal_id == deal.id)
    )
    if contract is None:
        await market.do("contract", draft_contract, caller, deal.id, OFFICE)
    else:
        await market.do("signature", sign_contract, caller, contract.id, contract.document_sha256)


async def settle(market: Market) -> None:
    """A settlement begins, or its rights are recorded, or it is closed."""
    deal = await market.pick(select(Deal.id, Deal.listing_id, Deal.buyer_id))
    if deal is None:
        return
    seller, buyer = _sides(market, deal.listing_id, deal.buyer_id)
    found = await market.pick(
        select(Settlement.id, Settlement.status, Settlement.recordal_no).where(Settlement.deal_id == deal.id)
    )
    if found is None:
        await market.do("settlement", open_settlement, buyer, deal.id, PlanKind.ONE_OFF)
    elif found.recordal_no is None:
        paper = Recordal("SX202600001", date(2026, 3, 20), "0" * 64)
        await market.do("recordal", submit_recordal, seller, found.id, paper)
    elif found.status == "released":
        await market.do("completion", complete_settlement, market.one_of(market.finance), found.id)
    else:
        await market.do("review", review_recordal, market.registrar, found.id)


async def release(market: Market) -> None:
    """A release is asked for by one person and decided by anybody, a whole or a part, sometimes too much."""
    waiting = await market.pick(select(EscrowRelease.id).where(EscrowRelease.status == "requested"))
    caller = market.one_of(market.finance)
    if waiting is not None:
        approves = market.chance.random() < 0.8
        await market.do("release decided", decide_release, caller, waiting.id, approves=approves)
        return
    row = await market.pick(select(Settlement).where(Settlement.reviewed_at.is_not(None)))
    if row is not None:
        held = row.Settlement.received_fen - row.Settlement.released_fen
        amount_fen = market.one_of([held, held // 2, held + 1]) or 1
        await market.do("release", request_release, caller, row.Settlement.id, amount_fen)


async def default(market: Market) -> None:
    """A winner is declared in default, and another desk confirms it or not."""
    declared = await market.pick(select(DealDefault.id).where(DealDefault.status == "declared"))
    if declared is not None:
        confirms = market.chance.random() < 0.7
        await market.do("default decided", decide_default, market.reviewer, declared.id, confirms=confirms)
        return
    deal = await market.pick(select(Deal.id))
    if deal is not None and market.chance.random() < 0.3:
        ground = market.one_of([Ground.REFUSE_CONFIRMATION, Ground.NOT_PAY, Ground.FORCE_MAJEURE])
        said = Declared(ground, "买受人书面表示不再签署。", market.one_of([0, 100_000]))
        await market.do("default", declare_default, market.host, deal.id, said)


async def pay_out(market: Market) -> None:
    """Payment orders are approved, taken back, carried to the bank, paid or refused there."""
    caller = market.one_of(market.finance)
    order = await market.pick(
        select(PaymentOrder.id, PaymentOrder.status).where(
            PaymentOrder.status.in_(("pending", "approved", "exported"))
        )
    )
    if order is None:
        return
    if market.chance.random() < 0.1:
        await market.do("order cancelled", cancel_order, caller, order.id, reason="收款账号待核实。")
    elif order.status == "pending":
        await market.do("approval", approve_orders, caller, [order.id], payee_account="6222000000000009")
    elif order.status == "approved":
        await market.do("export", export_orders, caller, market.one_of([[], [order.id]]))
    elif market.chance.random() < 0.3:
        await market.do("order failed", settle_orders, caller, [order.id], failure="账号与户名不符")
    else:
        export = await market.pick(select(PaymentExport.id))
        await market.do("execution", execute_export, caller, export.id)


async def wait(market: Market) -> None:
    """Time passes, mostly less than a notice takes."""
    await market.pass_time(market.one_of([timedelta(seconds=5), timedelta(minutes=10), HALF_AN_HOUR]))
    await market.keep_promises()


# Each act with how often it comes.
ACTS: dict[Any, int] = {
    type_receipt: 6,
    pay_by_a_card: 4,
    hear: 3,
    import_line: 5,
    match: 6,
    decide_a_match: 3,
    send_back: 1,
    end_sale: 3,
    talk: 6,
    sign: 7,
    settle: 6,
    release: 4,
    default: 1,
    pay_out: 8,
    wait: 2,
}
