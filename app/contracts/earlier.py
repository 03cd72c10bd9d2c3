"""What was contracted of a patent before (在先的转让与许可): judged when a contract comes into force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from app.accounts.queries import get_organisation
from app.catalog.queries import get_patent, lock_patents
from app.contracts.models import Contract
from app.contracts.rules import ContractStatus
from app.trades.default_models import DealDefault
from app.trades.errors_licences import PatentAssignedAway
from app.trades.licence_register import enter_licence
from app.trades.licence_rules import LICENCES
from app.trades.licence_sales import find_open_licence
from app.trades.models import Deal, Listing
from app.trades.queries import get_deal

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session


async def settle_earlier(session: Session, caller: Caller, contract: Contract) -> None:
    """Refuses a contract over a patent that its owner has assigned before, and enters a licence into the register.

    Locks the patent. Raises PatentAssignedAway, LicenceBeyondPatent, LicenceOverlaps, EarlierLicenceInTheWay. A
    demonstration moves no right, so nothing was assigned by one. An open licence is given for notice and payment, so its
    licensee is registered when the fee has come, not by signing (专利法 51). Source: 专利法 article 10, 技术合同解释 articles 24, 25.
    """
    deal = await get_deal(session, contract.deal_id)
    listing = await session.get_one(Listing, deal.listing_id)
    if listing.patent_id is None:
        return
    await lock_patents(session, [listing.patent_id])
    if not contract.is_demonstration and await _was_assigned(session, deal, listing.patent_id):
        raise PatentAssignedAway((await get_patent(session, listing.patent_id)).application_no)
    if deal.rights in LICENCES and await find_open_licence(session, deal.listing_id) is None:
        licensee = await get_organisation(session, deal.buyer_id)
        await enter_licence(session, caller, deal, licensee.name, recorded_by=caller.person_id)


async def _was_assigned(session: AnySession, deal: Deal, patent_id: UUID) -> bool:
    failed = exists().where(DealDefault.deal_id == Deal.id, DealDefault.status == "confirmed")
    query = (
        select(Contract.id)
        .join(Deal, Deal.id == Contract.deal_id)
        .join(Listing, Listing.id == Deal.listing_id)
        .where(
            Listing.patent_id == patent_id,
            Deal.seller_id == deal.seller_id,
            Deal.id != deal.id,
            Deal.rights == "assignment",
            Contract.status == ContractStatus.IN_FORCE,
            ~failed,
        )
    )
    return (await session.execute(query)).first() is not None
