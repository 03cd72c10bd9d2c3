"""What waits after a deal: contracts, settlements, payments, recordals, registrations, releases and refunds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, func, or_, select

from app.accounts.models import Organisation
from app.calendar_days import add_working_days, count_days, end_of_day
from app.clock import market_date, market_now
from app.contracts.models import Contract, Registration, Signature
from app.contracts.rules import ContractStatus, RegistrationStatus
from app.dated_rules import get_rule
from app.desks.before_deals import about, of_party
from app.desks.stages import Side, Waiting
from app.holidays import read_calendar
from app.money import yuan
from app.payments.models import Deposit
from app.payments.order_models import PaymentOrder
from app.payments.payable_models import Payable
from app.settlement.models import EscrowRelease, Settlement
from app.settlement.rules import SettlementStatus
from app.trades.models import Deal, Listing
from app.trades.states import ListingStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from app.calendar_days import Calendar
    from app.db import AnySession

_UNPAID_ORDERS = ("pending", "approved", "exported")


class Periods:
    """The periods that deals have by the rules of their boards; each is read once."""

    def __init__(self, session: AnySession, calendar: Calendar, today: date) -> None:
        """Reads by this calendar the rules of today."""
        self._session, self._calendar, self._today = session, calendar, today
        self._values: dict[tuple[str, str], Any] = {}

    @classmethod
    async def read(cls, session: AnySession) -> Periods:
        """The periods as they are now."""
        calendar = await read_calendar(session)
        return cls(session, calendar, market_date(await market_now(session)))

    async def _rule(self, key: str, board: str) -> Any:  # noqa: ANN401 - a rule's value
        if (key, board) not in self._values:
            self._values[key, board] = await get_rule(self._session, key, board=board, on=self._today)
        return self._values[key, board]

    async def sign_by(self, deal: Deal, listing: Listing) -> datetime:
        """Until when a deal's contract is to be signed, as a default is judged by."""
        days = int(await self._rule("deal.sign_working_days", listing.board))
        return end_of_day(add_working_days(market_date(deal.confirmed_at), days, self._calendar))

    async def record_by(self, paid_at: datetime, listing: Listing) -> datetime:
        """Until when the recordal is to be filed, counted from the day on which the price had come."""
        days = int((await self._rule("contract.periods", listing.board))["recordal_days"])
        return end_of_day(count_days(market_date(paid_at), days, self._calendar))


def _own_deals(party_id: UUID | None) -> Select[Deal, Listing]:
    return (
        select(Deal, Listing)
        .join(Listing, Listing.id == Deal.listing_id)
        .where(
            Listing.status != ListingStatus.TERMINATED,
            of_party(Deal.seller_id, party_id) | of_party(Deal.buyer_id, party_id),
        )
    )


def _sides(deal: Deal, party_id: UUID | None) -> list[tuple[Side, UUID]]:
    both = [(Side.SELLER, deal.seller_id), (Side.BUYER, deal.buyer_id)]
    return [(side, who) for side, who in both if party_id in (None, who)]


async def waiting_contracts(session: AnySession, party_id: UUID | None) -> list[Waiting]:
    """Contracts to draw up, and to sign by whichever side has not signed; both until the day that the rule says."""
    periods = await Periods.read(session)
    signed = (
        select(func.array_agg(Signature.side)).where(Signature.contract_id == Contract.id).scalar_subquery()
    )
    query = (
        _own_deals(party_id)
        .add_columns(Contract.id, Contract.contract_no, Contract.created_at, signed)
        .outerjoin(Contract, Contract.deal_id == Deal.id)
        .where(or_(Contract.id.is_(None), Contract.status == ContractStatus.SIGNING))
    )
    found: list[Waiting] = []
    for deal, listing, contract_id, contract_no, drawn_at, sides in (await session.execute(query)).all():
        due_at = await periods.sign_by(deal, listing)
        for side, who in _sides(deal, party_id):
            if contract_id is None:
                members = about(listing) | {"id": str(deal.id), "deal_id": str(deal.id)}
                found.append(
                    Waiting(
                        "contract_to_draft",
                        side,
                        who,
                        deal.id,
                        deal.confirmed_at,
                        due_at,
                        deal.price_fen,
                        members,
                    )
                )
            elif side not in (sides or []):
                members = about(listing) | {
                    "id": str(contract_id),
                    "no": contract_no,
                    "deal_id": str(deal.id),
                }
                found.append(
                    Waiting(
                        "contract_to_sign", side, who, contract_id, drawn_at, due_at, deal.price_fen, members
                    )
                )
    return found


async def waiting_settlements(session: AnySession, party_id: UUID | None) -> list[Waiting]:
    """Settlements to begin, plans to answer, and the recordal once the price has come."""
    periods = await Periods.read(session)
    paid_at = (
        select(func.max(Payable.settled_at))
        .where(Payable.deal_id == Deal.id, Payable.status == "paid")
        .scalar_subquery()
    )
    query = (
        _own_deals(party_id)
        .add_columns(Contract.in_force_at, Settlement, paid_at)
        .join(Contract, and_(Contract.deal_id == Deal.id, Contract.status == ContractStatus.IN_FORCE))
        .outerjoin(Settlement, Settlement.deal_id == Deal.id)
        .where(
            or_(
                Settlement.id.is_(None),
                Settlement.status == SettlementStatus.PROPOSED,
                and_(Settlement.status == SettlementStatus.ESCROW_FULL, Settlement.recordal_no.is_(None)),
            )
        )
    )
    found: list[Waiting] = []
    for deal, listing, in_force_at, row, last_paid_at in (await session.execute(query)).all():
        members = about(listing) | {"id": str(deal.id), "deal_id": str(deal.id)}
        for side, who in _sides(deal, party_id):
            if row is None:
                found.append(
                    Waiting(
                        "settlement_to_open", side, who, deal.id, in_force_at, None, deal.price_fen, members
                    )
                )
            elif row.status == SettlementStatus.PROPOSED and row.proposer_id != who:
                found.append(
                    Waiting("plan_to_answer", side, who, row.id, row.created_at, None, row.price_fen, members)
                )
            elif row.status == SettlementStatus.ESCROW_FULL and side is Side.SELLER:
                since = last_paid_at or row.created_at
                due_at = await periods.record_by(since, listing)
                found.append(Waiting("recordal_to_hand_in", side, who, row.id, since, due_at, None, members))
    return found


async def waiting_registrations(session: AnySession, party_id: UUID | None) -> list[Waiting]:
    """Contracts in force that their seller has not put in for registration, and applications that the desk decides."""
    live = and_(Registration.contract_id == Contract.id, Registration.status != RegistrationStatus.REFUSED)
    query = (
        select(Contract, Registration.id, Registration.created_at)
        .outerjoin(Registration, live)
        .where(
            Contract.status == ContractStatus.IN_FORCE,
            of_party(Contract.seller_id, party_id),
            or_(Registration.id.is_(None), Registration.status == RegistrationStatus.SUBMITTED),
        )
    )
    found: list[Waiting] = []
    rows: Sequence[tuple[Contract, UUID | None, datetime]] = (await session.execute(query)).all()
    for contract, registration_id, applied_at in rows:
        members = {"no": contract.contract_no, "title": contract.project_name}
        if registration_id is None:
            members |= {"id": str(contract.id)}
            since = contract.in_force_at or contract.created_at
            found.append(
                Waiting(
                    "registration_to_apply",
                    Side.SELLER,
                    contract.seller_id,
                    contract.id,
                    since,
                    members=members,
                )
            )
        else:
            members |= {"id": str(registration_id)}
            found.append(
                Waiting(
                    "registration_to_decide",
                    Side.EXCHANGE,
                    None,
                    registration_id,
                    applied_at,
                    members=members,
                )
            )
    return found


async def waiting_payments(session: AnySession, party_id: UUID | None) -> list[Waiting]:
    """What parties still have to pay: prices, royalties, fees, and what a default left short."""
    of_settlement = or_(Settlement.deal_id == Payable.deal_id, Settlement.id == Payable.subject_id)
    deal_id = func.coalesce(Payable.deal_id, Settlement.deal_id)
    query = (
        select(Payable, Deal, Listing)
        .outerjoin(Settlement, of_settlement)
        .outerjoin(Deal, Deal.id == deal_id)
        .outerjoin(Listing, Listing.id == Deal.listing_id)
        .where(Payable.status == "due", of_party(Payable.party_id, party_id))
    )
    found: list[Waiting] = []
    rows: Sequence[tuple[Payable, Deal | None, Listing | None]] = (await session.execute(query)).all()
    for payable, deal, listing in rows:
        members = about(listing) if listing else {"id": "", "no": payable.reference, "title": ""}
        members |= {
            "amount": yuan(payable.amount_fen),
            "reference": payable.reference,
            "link": f"/deals/{deal.id}" if deal else "/my",
            "deal_id": str(deal.id) if deal else None,
        }
        is_sellers = deal is not None and deal.seller_id == payable.party_id
        found.append(
            Waiting(
                "payment_due",
                Side.SELLER if is_sellers else Side.BUYER,
                payable.party_id,
                payable.id,
                payable.created_at,
                end_of_day(payable.due_on),
                payable.amount_fen,
                members,
            )
        )
    return found


async def waiting_releases(session: AnySession) -> list[Waiting]:
    """Releases that one person of the finance desk asked for and another has to decide."""
    query = (
        select(EscrowRelease, Deal, Listing)
        .join(Settlement, Settlement.id == EscrowRelease.settlement_id)
        .join(Deal, Deal.id == Settlement.deal_id)
        .join(Listing, Listing.id == Deal.listing_id)
        .where(EscrowRelease.status == "requested")
    )
    return [
        Waiting(
            "release_to_approve",
            Side.EXCHANGE,
            None,
            release.id,
            release.requested_at,
            amount_fen=release.amount_fen,
            members=about(listing, amount=yuan(release.amount_fen)) | {"id": str(deal.id)},
        )
        for release, deal, listing in await session.execute(query)
    ]


async def waiting_refunds(session: AnySession) -> list[Waiting]:
    """Deposits that are to be refunded and are not yet, until the day that their board's rule says."""
    query = (
        select(PaymentOrder, Organisation.name, Listing)
        .join(Deposit, and_(Deposit.id == PaymentOrder.subject_id, PaymentOrder.subject_kind == "deposit"))
        .join(Listing, Listing.id == Deposit.listing_id)
        .join(Organisation, Organisation.id == PaymentOrder.party_id)
        .where(PaymentOrder.purpose == "deposit_refund", PaymentOrder.status.in_(_UNPAID_ORDERS))
    )
    return [
        Waiting(
            "refund_due",
            Side.EXCHANGE,
            None,
            order.id,
            order.created_at,
            end_of_day(order.due_on),
            order.amount_fen,
            about(listing, party=name, amount=yuan(order.amount_fen), reference=order.reference),
        )
        for order, name, listing in await session.execute(query)
    ]
