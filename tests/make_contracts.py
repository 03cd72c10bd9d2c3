"""Makers of contracts, signatures and registrations, each brought to its state by the real operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.accounts.permissions import Role
from app.contracts.drafting import draft_contract
from app.contracts.office import Office
from app.contracts.registration import Application, Decision, apply_registration, decide_registration
from app.contracts.signing import sign_contract
from tests.make_accounts import make_caller
from tests.make_trades import make_buyer, make_deal, make_seller

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.contracts.models import Contract, Registration
    from app.db import Session

OFFICE = Office(
    exchange_zh="技术交易市场",
    exchange_en="Technology Trading Market",
    name="技术合同登记机构",
    region_code="1100",
    office_code="01",
    public_url="http://market.test",
)


@dataclass(frozen=True)
class Agreed:
    """A contract with the two people who act for its sides."""

    contract: Contract
    seller: Caller
    buyer: Caller


async def make_contract(session: Session, *, signed: bool = False, **over: Any) -> Agreed:
    """A contract drawn up from a new deal; ``signed`` puts it in force; ``over`` goes to the deal."""
    seller, buyer = await make_seller(session), await make_buyer(session)
    deal = await make_deal(session, seller=seller, buyer=buyer, **over)
    contract = await draft_contract(session, seller, deal.id, OFFICE)
    if signed:
        await sign_contract(session, seller, contract.id, contract.document_sha256)
        await sign_contract(session, buyer, contract.id, contract.document_sha256)
    return Agreed(contract, seller, buyer)


def application_for(contract: Contract, **over: Any) -> Application:
    """What a careful seller states."""
    columns: dict[str, Any] = {
        "contract_type": "transfer",
        "subtype": "patent",
        "total_fen": contract.price_fen,
        "tech_fen": contract.price_fen,
        "tech_field": "先进制造",
    }
    return Application(**{**columns, **over})


async def make_application(
    session: Session, agreed: Agreed | None = None, **over: Any
) -> tuple[Agreed, Registration]:
    """An application that waits for its decision."""
    agreed = agreed or await make_contract(session, signed=True)
    application = application_for(agreed.contract, **over)
    return agreed, await apply_registration(session, agreed.seller, agreed.contract.id, application)


async def make_registered(session: Session) -> tuple[Agreed, Registration]:
    """A registered contract, whose certificate is promised."""
    agreed, registration = await make_application(session)
    registrar = await make_caller(session, Role.REGISTRAR)
    await decide_registration(session, registrar, registration.id, Decision("approve"), OFFICE)
    return agreed, registration
