"""Tables of trading: listings and their reviews, intents to buy, deals, and the counters of their numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7
from app.money import MAX_FEN
from app.trades.rights_models import SECRECY, Declared

_OPEN = "status IN ('draft', 'in_review', 'returned', 'accepted', 'listed', 'suspended')"
_PUBLISHED = "status IN ('listed', 'suspended', 'sold', 'unsold', 'terminated')"
# Bidding needs these columns; a listing that can never come to bidding has none of them.
LICENSES = "(rights IN ('exclusive', 'sole', 'ordinary'))"
_BIDS = "(method = 'auction' OR (method = 'listed' AND rights <> 'ordinary'))"


class Listing(Declared, Base):
    """What is put up (挂牌项目): a patent or a package of patents offered for sale, or a demand that is put out.

    Of a package ``patent_id`` is the first patent. Who puts a demand out is ``seller_id`` too: whoever puts up may not bid.
    ``reserve_price_fen`` (保留价) is secret: it is in no log, no audit record and no error. Once listed, the offer
    is frozen by a trigger: its times move with a published bulletin, its words and price with a new announcement.
    """

    __tablename__ = "listing"
    __table_args__ = (
        CheckConstraint("board ~ '^[a-z_]{2,20}$'", name="board"),
        CheckConstraint("board <> 'demo' OR is_demonstration", name="demo_board"),
        CheckConstraint(
            "CASE WHEN demand_id IS NULL THEN rights IN ('assignment', 'exclusive', 'sole', 'ordinary') "
            "ELSE rights = 'development' END",
            name="rights",
        ),
        CheckConstraint("method IN ('auction', 'listed', 'negotiated')", name="method"),
        CheckConstraint("method = 'auction' OR demand_id IS NULL", name="method_subject"),
        CheckConstraint("method <> 'auction' OR rights <> 'ordinary'", name="method_rights"),
        CheckConstraint(
            "num_nonnulls(territory, field_of_use, licence_from, licence_to, sublicence) = "
            f"CASE WHEN {LICENSES} THEN 5 ELSE 0 END AND (NOT accepts_earlier OR {LICENSES})",
            name="licence",
        ),
        CheckConstraint(
            "NOT is_open_licence OR (method = 'listed' AND rights = 'ordinary')", name="open_licence"
        ),
        CheckConstraint("territory ~ '^(WW|[A-Z]{2}|CN-[0-9]{2})$'", name="territory"),
        CheckConstraint("licence_from <= licence_to", name="licence_term"),
        CheckConstraint(f"NOT {LICENSES} OR package_id IS NULL", name="licence_patent"),
        CheckConstraint(
            "num_nonnulls(step_fen, deposit_fen, opens_at, trigger_seconds, extension_seconds) = "
            f"CASE WHEN {_BIDS} THEN 5 ELSE 0 END",
            name="bidding",
        ),
        CheckConstraint(
            f"{_BIDS} OR (reserve_price_fen IS NULL AND hard_end_at IS NULL AND priority = 'none')",
            name="no_bidding",
        ),
        CheckConstraint(
            f"(notice_ends_at IS NOT NULL) = (method = 'listed' AND {_BIDS})", name="notice_ends_at"
        ),
        CheckConstraint("notice_ends_at < opens_at", name="notice_before_bidding"),
        CheckConstraint(
            f"(announced_rules IS NOT NULL) = (method = 'listed' AND {_BIDS} AND {_PUBLISHED})",
            name="announced_rules",
        ),
        CheckConstraint("(patent_id IS NULL) = (demand_id IS NOT NULL)", name="subject"),
        CheckConstraint("package_id IS NULL OR demand_id IS NULL", name="package"),
        CheckConstraint(
            "status IN ('draft', 'in_review', 'returned', 'accepted', 'listed', 'suspended', 'sold', 'unsold', "
            "'terminated')",
            name="status",
        ),
        CheckConstraint(f"start_price_fen BETWEEN 1 AND {MAX_FEN}", name="start_price"),
        CheckConstraint(f"step_fen BETWEEN 1 AND {MAX_FEN}", name="step"),
        CheckConstraint("deposit_fen > 0 AND deposit_fen <= start_price_fen", name="deposit"),
        CheckConstraint(
            f"reserve_price_fen BETWEEN CASE WHEN direction = 'forward' THEN start_price_fen ELSE 1 END AND "
            f"CASE WHEN direction = 'forward' THEN {MAX_FEN} ELSE start_price_fen END",
            name="reserve",
        ),
        CheckConstraint("closes_at > opens_at AND hard_end_at > closes_at", name="times"),
        CheckConstraint("trigger_seconds > 0 AND extension_seconds > 0", name="extension"),
        CheckConstraint(
            "direction = CASE WHEN demand_id IS NULL THEN 'forward' ELSE 'reverse' END", name="direction"
        ),
        CheckConstraint("min_bidders BETWEEN 1 AND 100", name="min_bidders"),
        CheckConstraint("priority IN ('none', 'in_field', 'post')", name="priority"),
        CheckConstraint("priority_seconds >= 0", name="priority_seconds"),
        CheckConstraint(
            "(priority = 'none') = (jsonb_array_length(priority_holders) = 0)", name="priority_holders"
        ),
        CheckConstraint(
            f"CASE WHEN method = 'auction' THEN (auction_id IS NOT NULL) = ({_PUBLISHED}) "
            f"ELSE auction_id IS NULL OR (method = 'listed' AND {_BIDS} AND {_PUBLISHED}) END",
            name="auction",
        ),
        CheckConstraint(f"(published_at IS NOT NULL) = ({_PUBLISHED})", name="published_at"),
        CheckConstraint("status = 'draft' OR submitted_at IS NOT NULL", name="submitted_at"),
        CheckConstraint(
            "prolong_times BETWEEN 0 AND 12 AND (prolong_count IS NULL) = (prolong_times = 0)",
            name="prolongation",
        ),
        CheckConstraint("prolong_count BETWEEN 1 AND 1000", name="prolong_count"),
        CheckConstraint(
            "(first_price_fen IS NOT NULL) = (former_id IS NOT NULL) AND former_id <> id", name="former"
        ),
        CheckConstraint(SECRECY, name="secrecy"),
        Index("ix_listing_former", "former_id"),
        UniqueConstraint("id", "seller_id"),
        # One open sale of a patent, whoever opens it; licences of it may be offered in several ways at once.
        Index(
            "uq_listing_open_patent",
            "patent_id",
            unique=True,
            postgresql_where=text(f"{_OPEN} AND rights = 'assignment'"),
        ),
        Index("uq_listing_open_demand", "demand_id", unique=True, postgresql_where=text(_OPEN)),
        # Who has sold a patent has nothing left to list; demonstration sales move no right.
        Index(
            "uq_listing_sold_patent",
            "patent_id",
            "seller_id",
            unique=True,
            postgresql_where=text(
                f"({_OPEN} OR status = 'sold') AND rights = 'assignment' AND NOT is_demonstration"
            ),
        ),
        Index("ix_listing_status", "status", "id"),
        Index("ix_listing_seller", "seller_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    listing_no: Mapped[str] = mapped_column(unique=True)
    board: Mapped[str] = mapped_column(server_default="standard")
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    patent_id: Mapped[UUID | None] = mapped_column(ForeignKey("patent.id"))
    package_id: Mapped[UUID | None] = mapped_column(ForeignKey("package.id"))
    demand_id: Mapped[UUID | None] = mapped_column(ForeignKey("demand.id"))
    title: Mapped[str]
    rights: Mapped[str] = mapped_column(server_default="assignment")
    description: Mapped[str]
    encumbrances: Mapped[str] = mapped_column(server_default="")
    # What a licence is offered for (许可条件): where, for which field, from when until when; none of an assignment.
    territory: Mapped[str | None]
    field_of_use: Mapped[str | None]
    licence_from: Mapped[date | None]
    licence_to: Mapped[date | None]
    sublicence: Mapped[bool | None]
    accepts_earlier: Mapped[bool] = mapped_column(server_default="false")
    is_open_licence: Mapped[bool] = mapped_column(server_default="false")
    start_price_fen: Mapped[int]
    step_fen: Mapped[int | None]
    deposit_fen: Mapped[int | None]
    reserve_price_fen: Mapped[int | None]
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime]
    hard_end_at: Mapped[datetime | None]
    trigger_seconds: Mapped[int | None]
    extension_seconds: Mapped[int | None]
    # In which way a buyer is found (交易方式): auction 网络竞价, listed 挂牌价, negotiated 协议定价. Of a listed price the
    # bidding terms are the competition that is announced for two buyers or more; of a negotiated one there are none.
    method: Mapped[str] = mapped_column(server_default="auction")
    notice_ends_at: Mapped[datetime | None]
    announced_rules: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    # How it is sold (竞价方式): the format with its own parameters, and who may step in at the price (优先购买权).
    format: Mapped[str] = mapped_column(server_default="english")
    direction: Mapped[str] = mapped_column(server_default="forward")
    min_bidders: Mapped[int] = mapped_column(server_default="1")
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    priority: Mapped[str] = mapped_column(server_default="none")
    priority_seconds: Mapped[int] = mapped_column(server_default="0")
    priority_holders: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    priority_declared: Mapped[bool] = mapped_column(server_default="false")
    status: Mapped[str] = mapped_column(server_default="draft")
    auction_id: Mapped[UUID | None] = mapped_column(ForeignKey("auction.id"), unique=True)
    is_demonstration: Mapped[bool]
    # How often it was announced (公告次数): 1 at its publication, one more with each approved change.
    announcement: Mapped[int] = mapped_column(server_default="1")
    # How often its times were moved on by a bulletin; the database lets them move with it alone.
    moves: Mapped[int] = mapped_column(server_default="0")
    # The clause of prolongation (延牌条款): by how many of the board's units, and how often at most.
    prolong_count: Mapped[int | None]
    prolong_times: Mapped[int] = mapped_column(server_default="0")
    # Listed anew (重新挂牌): after which listing, what was asked for at first, and who approved a lower price.
    former_id: Mapped[UUID | None] = mapped_column(ForeignKey("listing.id"))
    first_price_fen: Mapped[int | None]
    approval_ref: Mapped[str] = mapped_column(server_default="")
    # Under which law it was published (卖方制度类别、适用地区); what is found of the seller later changes no sale.
    seller_regime: Mapped[str | None]
    seller_jurisdiction: Mapped[str | None]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    submitted_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


class KeptRule(Base):
    """A row of the rulebook that a sale was published under (适用规则); it stays the sale's."""

    __tablename__ = "kept_rule"

    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    rule_id: Mapped[UUID] = mapped_column(ForeignKey("dated_rule.id"))


class ListingReview(Base):
    """A reviewer's decision (审核) with the facts that were computed for him at that moment; never changed."""

    __tablename__ = "listing_review"
    __table_args__ = (
        ForeignKeyConstraint(["listing_id", "seller_id"], ["listing.id", "listing.seller_id"]),
        CheckConstraint("decision IN ('accept', 'return')", name="decision"),
        CheckConstraint("decision = 'accept' OR char_length(btrim(reason)) >= 5", name="reason"),
        CheckConstraint("reviewer_organisation_id <> seller_id", name="recusal"),
        Index("ix_listing_review_listing", "listing_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    listing_id: Mapped[UUID]
    seller_id: Mapped[UUID]
    listing_version: Mapped[int]
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    reviewer_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    decision: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")
    checks: Mapped[list[Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class Intent(Base):
    """A buyer's declared intent (受让意向): qualified, then admitted by the deposit under a bidder code.

    The database itself refuses the seller as buyer, and a deposit of another buyer or listing.
    """

    __tablename__ = "intent"
    __table_args__ = (
        ForeignKeyConstraint(["listing_id", "seller_id"], ["listing.id", "listing.seller_id"]),
        ForeignKeyConstraint(
            ["deposit_id", "listing_id", "buyer_id"], ["deposit.id", "deposit.listing_id", "deposit.party_id"]
        ),
        CheckConstraint("buyer_id <> seller_id", name="buyer"),
        CheckConstraint(
            "status IN ('submitted', 'qualified', 'rejected', 'paid', 'admitted', 'won', 'lost', 'withdrawn')",
            name="status",
        ),
        CheckConstraint("rules_sha256 ~ '^[0-9a-f]{64}$'", name="rules_sha256"),
        CheckConstraint(
            "status NOT IN ('qualified', 'paid', 'admitted', 'won') OR deposit_id IS NOT NULL", name="deposit"
        ),
        # Who is alone at a listed price wins without bidding, so without a code.
        CheckConstraint("status <> 'admitted' OR bidder_code IS NOT NULL", name="bidder_code"),
        CheckConstraint("status <> 'rejected' OR char_length(btrim(reason)) >= 5", name="reason"),
        CheckConstraint("claims_priority OR NOT has_priority", name="priority"),
        CheckConstraint("(status = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_at"),
        CheckConstraint("lead_share_bp BETWEEN 1 AND 10000", name="lead_share"),
        # Who withdrew may come again, but for who was admitted: his code stays his.
        Index(
            "uq_intent_buyer",
            "listing_id",
            "buyer_id",
            unique=True,
            postgresql_where=text("status <> 'withdrawn' OR bidder_code IS NOT NULL"),
        ),
        Index("ix_intent_status", "status", "id"),
        Index("ix_intent_buyer", "buyer_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    listing_id: Mapped[UUID]
    seller_id: Mapped[UUID]
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    status: Mapped[str] = mapped_column(server_default="submitted")
    rules_sha256: Mapped[str]
    accepted_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # A right of first refusal (优先购买权) that the buyer claims, and whether the desk found that it holds.
    claims_priority: Mapped[bool] = mapped_column(server_default="false")
    has_priority: Mapped[bool] = mapped_column(server_default="false")
    # What the buyer declared: relations to seller, inventors and exchange, who stands behind it, and its own share.
    relations: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    beneficial_owners: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    lead_share_bp: Mapped[int] = mapped_column(server_default="10000")
    reason: Mapped[str | None]
    deposit_id: Mapped[UUID | None] = mapped_column(unique=True)
    bidder_code: Mapped[str | None]
    # Which announcement of the listing it was given for, or has confirmed since.
    announcement: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    admitted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class Deal(Base):
    """A deal (成交) with its confirmation (成交确认书) and that document's fingerprint; never changed.

    ``method`` is the listing's: a deal at a listed price has an auction where two or more buyers competed, and a
    negotiated one has neither auction nor deposit. Only an ordinary licence (普通许可) is sold more than once.
    ``replaces_id`` names the deal in default whose place this one takes: a new agreement, without auction or deposit.
    Each deal is replaced once at most, so exactly one of a listing's deals is alive.
    """

    __tablename__ = "deal"
    __table_args__ = (
        ForeignKeyConstraint(["listing_id", "seller_id"], ["listing.id", "listing.seller_id"]),
        UniqueConstraint("id", "listing_id"),
        ForeignKeyConstraint(["replaces_id", "listing_id"], ["deal.id", "deal.listing_id"]),
        ForeignKeyConstraint(
            ["deposit_id", "listing_id", "buyer_id"], ["deposit.id", "deposit.listing_id", "deposit.party_id"]
        ),
        CheckConstraint("price_fen > 0", name="price"),
        CheckConstraint("buyer_id <> seller_id", name="buyer"),
        CheckConstraint("confirmation_sha256 ~ '^[0-9a-f]{64}$'", name="confirmation_sha256"),
        CheckConstraint("rights IN ('assignment', 'exclusive', 'sole', 'ordinary')", name="rights"),
        CheckConstraint(
            "CASE WHEN replaces_id IS NOT NULL THEN auction_id IS NULL AND deposit_id IS NULL "
            "WHEN method = 'auction' THEN auction_id IS NOT NULL AND deposit_id IS NOT NULL "
            "WHEN method = 'listed' THEN (auction_id IS NULL OR deposit_id IS NOT NULL) "
            "AND (deposit_id IS NOT NULL) = (rights <> 'ordinary') "
            "WHEN method = 'negotiated' THEN auction_id IS NULL AND deposit_id IS NULL ELSE false END",
            name="method",
        ),
        CheckConstraint("replaces_id IS NULL OR rights <> 'ordinary'", name="replaces"),
        UniqueConstraint("listing_id", "buyer_id"),
        Index(
            "uq_deal_listing",
            "listing_id",
            unique=True,
            postgresql_where=text("rights <> 'ordinary' AND replaces_id IS NULL"),
        ),
        Index("ix_deal_seller", "seller_id", "id"),
        Index("ix_deal_buyer", "buyer_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    deal_no: Mapped[str] = mapped_column(unique=True)
    listing_id: Mapped[UUID]
    method: Mapped[str] = mapped_column(server_default="auction")
    rights: Mapped[str] = mapped_column(server_default="assignment")
    auction_id: Mapped[UUID | None] = mapped_column(ForeignKey("auction.id"), unique=True)
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    price_fen: Mapped[int]
    deposit_id: Mapped[UUID | None]
    replaces_id: Mapped[UUID | None] = mapped_column(unique=True)
    confirmed_at: Mapped[datetime]
    confirmation: Mapped[dict[str, Any]] = mapped_column(JSONB)
    confirmation_sha256: Mapped[str]


class DemandAward(Base):
    """The award of a demand (中选): who is to deliver it at which price, with its confirmation; never changed.

    Here whoever put the demand out pays. The provider's deposit stays held as security until ``release``.
    """

    __tablename__ = "demand_award"
    __table_args__ = (
        ForeignKeyConstraint(["listing_id", "owner_id"], ["listing.id", "listing.seller_id"]),
        ForeignKeyConstraint(
            ["deposit_id", "listing_id", "provider_id"],
            ["deposit.id", "deposit.listing_id", "deposit.party_id"],
        ),
        CheckConstraint("price_fen > 0", name="price"),
        CheckConstraint("provider_id <> owner_id", name="provider"),
        CheckConstraint("confirmation_sha256 ~ '^[0-9a-f]{64}$'", name="confirmation_sha256"),
        Index("ix_demand_award_owner", "owner_id", "id"),
        Index("ix_demand_award_provider", "provider_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    award_no: Mapped[str] = mapped_column(unique=True)
    listing_id: Mapped[UUID] = mapped_column(unique=True)
    auction_id: Mapped[UUID] = mapped_column(ForeignKey("auction.id"), unique=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    price_fen: Mapped[int]
    deposit_id: Mapped[UUID]
    confirmed_at: Mapped[datetime]
    confirmation: Mapped[dict[str, Any]] = mapped_column(JSONB)
    confirmation_sha256: Mapped[str]
