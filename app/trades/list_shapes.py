"""What the lists of trades may be searched, narrowed and ordered by."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.accounts.models import Organisation
from app.accounts.queries import name_of
from app.catalog.models import Patent
from app.lists import Key, Shape
from app.payments import list_shapes as money
from app.payments.models import Deposit
from app.trades.default_models import DealDefault
from app.trades.models import Deal, Intent, Listing
from app.trades.notice_models import PublicNotice

LISTINGS = Shape(
    Key(Listing.id, "listing.id"),
    {
        "published_at": Key(Listing.published_at, "listing.published_at", is_optional=True),
        "created_at": Key(Listing.created_at, "listing.created_at"),
        "closes_at": Key(Listing.closes_at, "listing.closes_at"),
        "start_price_fen": Key(Listing.start_price_fen, "listing.start_price_fen"),
        "title": Key(Listing.title, "listing.title"),
    },
    words=(Listing.title, Listing.listing_no, Patent.application_no, Patent.title, Organisation.name),
    on=func.coalesce(Listing.published_at, Listing.created_at),
    fen=Listing.start_price_fen,
)
INTENTS = Shape(
    Key(Intent.id, "intent.id"),
    {
        "created_at": Key(Intent.created_at, "intent.created_at"),
        "closes_at": Key(Listing.closes_at, "listing.closes_at"),
        "deposit_fen": Key(Deposit.amount_fen, "deposit.amount_fen", is_optional=True),
        "buyer_name": Key(Organisation.name, "buyer.name"),
    },
    words=(Listing.title, Listing.listing_no, Organisation.name, Intent.bidder_code),
    on=Intent.created_at,
    fen=Deposit.amount_fen,
)
DEALS = Shape(
    Key(Deal.id, "deal.id"),
    {
        "confirmed_at": Key(Deal.confirmed_at, "deal.confirmed_at"),
        "price_fen": Key(Deal.price_fen, "deal.price_fen"),
        "deal_no": Key(Deal.deal_no, "deal.deal_no"),
    },
    words=(Deal.deal_no, Listing.title, Listing.listing_no, name_of(Deal.seller_id), name_of(Deal.buyer_id)),
    on=Deal.confirmed_at,
    fen=Deal.price_fen,
)
_listing = aliased(Listing)
_DEPOSIT_LISTING = (
    select(func.concat(_listing.title, " ", _listing.listing_no))
    .where(_listing.id == Deposit.listing_id)
    .scalar_subquery()
)
DEPOSITS = replace(money.DEPOSITS, words=(*money.DEPOSITS.words, _DEPOSIT_LISTING))
DEFAULTS = Shape(
    Key(DealDefault.id, "default.id"),
    {
        "declared_at": Key(DealDefault.declared_at, "default.declared_at"),
        "deposit_fen": Key(DealDefault.deposit_fen, "default.deposit_fen"),
        "loss_fen": Key(DealDefault.loss_fen, "default.loss_fen"),
        "shortfall_fen": Key(DealDefault.shortfall_fen, "default.shortfall_fen"),
    },
    words=(
        Deal.deal_no,
        Listing.title,
        Listing.listing_no,
        name_of(DealDefault.seller_id),
        name_of(DealDefault.buyer_id),
    ),
    on=DealDefault.declared_at,
    fen=DealDefault.deposit_fen,
)
NOTICES = Shape(
    Key(PublicNotice.id, "notice.id"),
    {
        "published_at": Key(PublicNotice.published_at, "notice.published_at", is_optional=True),
        "ends_at": Key(PublicNotice.ends_at, "notice.ends_at", is_optional=True),
        "price_fen": Key(PublicNotice.price_fen, "notice.price_fen"),
    },
    words=(
        PublicNotice.notice_no,
        PublicNotice.achievement_name,
        PublicNotice.transferee_name,
        Organisation.name,
        Listing.listing_no,
    ),
    on=PublicNotice.published_at,
    fen=PublicNotice.price_fen,
)
