"""A buyer's intent (受让意向): declared over the rules of the sale, then qualified or rejected by the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.accounts.permissions import Permission
from app.auction.errors_rounds import FirstStageOver
from app.auction.queries import get_auction
from app.auction.rules.formats import FORMATS
from app.audit import audit
from app.clock import market_now
from app.payments.deposits import request_deposit
from app.trades import rules
from app.trades.conflicts import require_may_buy
from app.trades.consortium import (
    add_partners,
    find_partners,
    list_party_ids,
    require_all_consented,
    require_members_free,
)
from app.trades.declaring_rules import Declaration, check_declaration
from app.trades.errors import (
    ExchangeMayNotBuy,
    IntentExists,
    ListingMissing,
    ListingNotOpenToBuyers,
    RulesNotAccepted,
    SellerMayNotBuy,
    TooLate,
)
from app.trades.errors_lifecycle import NotConfirmed
from app.trades.errors_method import PriorityNotOffered, PriorityUnclaimed, PriorityUndecided
from app.trades.errors_ways import NotByIntent, NoticeOver
from app.trades.export_gate import require_export_cleared
from app.trades.listings import offer_of
from app.trades.method import AUCTION, METHOD_WORDS, NEGOTIATED, bidding_of
from app.trades.models import Intent
from app.trades.queries import find_intent, get_intent, lock_listing
from app.trades.states import (
    INTENT_WORDS,
    LISTING_WORDS,
    PUBLIC_STATUSES,
    IntentStatus,
    ListingStatus,
    check_intent_step,
)
from app.trades.suspicions import raise_same_owner, require_no_suspicion

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.models import Listing

Decision = Literal["qualify", "reject"]
# Whoever comes alone declares nothing more.
_ALONE = Declaration()
# What a buyer does where there are no intents: for a price at which it is sold to many, and for a negotiated one.
_INSTEAD = (
    ("请直接按挂牌价办理许可", "take the licence at its price"),
    ("请在项目页面发起协商", "open a negotiation from its page"),
)


async def declare_intent(
    session: Session,
    caller: Caller,
    listing_id: UUID,
    accept_rules_sha256: str,
    *,
    claims_priority: bool = False,
    said: Declaration = _ALONE,
) -> UUID:
    """Declares that the caller's organisation wants to buy and accepts the sale's rules; returns the intent's id.

    ``claims_priority``: it says that it holds the announced right of first refusal, which the desk then decides;
    ``said``: what else it declares, and with whom it buys together, who consent by their own accounts. The same owner
    behind another intent holds both for the desk. Locks the listing. Raises ExchangeMayNotBuy, NotPermitted,
    ListingMissing, TooLate, IntentExists, ListingNotOpenToBuyers, NotByIntent, NoticeOver, RulesNotAccepted,
    PriorityNotOffered, MemberTwice and what ``require_may_buy``, ``find_partners`` and ``check_declaration`` raise.
    拍卖法 22, 30; 法释〔2016〕18号 14, 24; 招标投标法 31.
    """
    if caller.is_exchange:
        raise ExchangeMayNotBuy
    caller.require(Permission.INTENT_WRITE)
    check_declaration(said)
    listing = await lock_listing(session, listing_id)
    if listing.seller_id == caller.organisation_id:
        raise SellerMayNotBuy
    if listing.status not in PUBLIC_STATUSES:
        raise ListingMissing
    partners = await find_partners(session, said, caller.organisation_id, listing)
    await require_may_buy(session, listing, [caller.organisation_id, *partners])
    wanted = await require_open_to_buyers(session, listing)
    before = await find_intent(session, listing.id, caller.organisation_id)
    if before is not None:
        raise IntentExists(before.id, *INTENT_WORDS[IntentStatus(before.status)])
    await require_members_free(session, listing, [caller.organisation_id, *partners])
    if accept_rules_sha256 != wanted:
        raise RulesNotAccepted(wanted)
    if claims_priority and listing.priority == "none":
        raise PriorityNotOffered
    intent = await _write(session, caller, listing, wanted, said, claims_priority=claims_priority)
    await add_partners(session, intent, partners)
    await raise_same_owner(session, intent)
    return intent.id


async def _write(
    session: Session,
    caller: Caller,
    listing: Listing,
    wanted: str,
    said: Declaration,
    *,
    claims_priority: bool,
) -> Intent:
    intent = Intent(
        listing_id=listing.id,
        seller_id=listing.seller_id,
        buyer_id=caller.organisation_id,
        rules_sha256=wanted,
        accepted_by=caller.person_id,
        claims_priority=claims_priority,
        announcement=listing.announcement,
        relations=said.relations_json(),
        beneficial_owners=[name.strip() for name in said.beneficial_owners if name.strip()],
        lead_share_bp=said.lead_share_bp,
    )
    session.add(intent)
    await session.flush()
    detail = {"listing_no": listing.listing_no, "rules_sha256": wanted, "claims_priority": claims_priority}
    await audit(
        session, caller, "intent.declared", subject_kind="intent", subject_id=intent.id, detail=detail
    )
    return intent


async def require_open_to_buyers(session: Session, listing: Listing) -> str:
    """Returns the fingerprint of the rules to accept, while buyers may still come in.

    Raises ListingNotOpenToBuyers, NotByIntent where intents are not the way, TooLate, FirstStageOver, or for a notice NoticeOver.
    """
    if listing.status != ListingStatus.LISTED:
        raise ListingNotOpenToBuyers(listing.status, *LISTING_WORDS[ListingStatus(listing.status)])
    if listing.method == AUCTION and listing.auction_id is not None:
        return await _require_before_the_end(session, listing.auction_id)
    if listing.announced_rules is None:
        raise NotByIntent(*METHOD_WORDS[listing.method], *_INSTEAD[listing.method == NEGOTIATED])
    require_notice_running(listing, await market_now(session))
    return str(listing.announced_rules["sha256"])


def require_notice_running(listing: Listing, now: datetime) -> None:
    """Raises NoticeOver from the end of a listing's notice on; ``now`` is read under the listing's lock."""
    ended_at = listing.notice_ends_at or listing.closes_at
    if listing.auction_id is not None or now >= ended_at:
        raise NoticeOver(ended_at, now)


async def _require_before_the_end(session: Session, auction_id: UUID) -> str:
    auction = await get_auction(session, auction_id)
    now = await market_now(session)
    # A suspended sale's clock stands still: its end is not announced yet, and buyers may still come in.
    if auction.closed_at is not None or (auction.phase != "suspended" and now >= auction.ends_at):
        raise TooLate(auction.ends_at, now)
    if FORMATS[auction.format].newcomers_until not in (None, auction.stage):
        raise FirstStageOver
    return str(auction.rules["sha256"])


async def qualify_intent(
    session: Session,
    caller: Caller,
    intent_id: UUID,
    decision: Decision,
    reason: str = "",
    *,
    has_priority: bool | None = None,
) -> UUID:
    """Qualifies a buyer, which makes the deposit due, or rejects him with a reason; returns the intent's id.

    ``has_priority`` decides a claimed right of first refusal; who claims one is not qualified without that decision.
    Locks the listing. Raises NotPermitted, IntentMissing, IntentStateForbids, ListingNotOpenToBuyers, TooLate,
    NoticeOver, NotConfirmed, TextOutOfRange, PriorityUndecided, PriorityUnclaimed, PartnersMissing, SuspicionHolds,
    ExportNotCleared.
    """
    caller.require(Permission.INTENT_QUALIFY)
    listing = await lock_listing(session, (await get_intent(session, intent_id)).listing_id)
    intent = await get_intent(session, intent_id)
    is_qualified = decision == "qualify"
    status = IntentStatus.QUALIFIED if is_qualified else IntentStatus.REJECTED
    check_intent_step(intent.status, status)
    await require_open_to_buyers(session, listing)
    if intent.announcement < listing.announcement:
        raise NotConfirmed(listing.announcement)
    words = rules.check_reason(reason, is_needed=not is_qualified)
    now = await market_now(session)
    if is_qualified:
        await require_all_consented(session, intent.id)
        await require_no_suspicion(session, intent.id)
        # A class that was found since he declared, or that he is foreign, counts now.
        await require_export_cleared(session, listing, await list_party_ids(session, intent.id))
        intent.has_priority = _decide_priority(intent, listing, has_priority)
        deposit = await request_deposit(
            session, party_id=intent.buyer_id, listing_id=listing.id, amount_fen=_deposit_of(listing)
        )
        intent.deposit_id = deposit.id
    intent.status = status
    intent.reason = words or None
    intent.decided_by = caller.person_id
    intent.decided_at = now
    await audit(
        session,
        caller,
        f"intent.{status.value}",
        subject_kind="intent",
        subject_id=intent.id,
        detail={"listing_no": listing.listing_no, "reason": words, "has_priority": intent.has_priority},
    )
    return intent.id


def _deposit_of(listing: Listing) -> int:
    return bidding_of(offer_of(listing)).deposit_fen


def _decide_priority(intent: Intent, listing: Listing, has_priority: bool | None) -> bool:  # noqa: FBT001 - the desk's own answer
    if not intent.claims_priority:
        if has_priority:
            raise PriorityUnclaimed
        return False
    if has_priority is None:
        raise PriorityUndecided("、".join(listing.priority_holders))
    return has_priority
