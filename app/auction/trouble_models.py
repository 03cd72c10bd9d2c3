"""Tables of trouble: heartbeats of the taking of bids, its interruptions, and what two posts decide about sales."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Heartbeat(Base):
    """One process that takes bids (心跳), by the market's clock; only the process itself writes its row."""

    __tablename__ = "heartbeat"
    __table_args__ = (Index("ix_heartbeat_beat_at", "beat_at"),)

    process_id: Mapped[UUID] = mapped_column(primary_key=True)
    host: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    beat_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class BiddingGap(Base):
    """A time in which no process took bids (受理中断), from the last heartbeat before it to the first one after it.

    ``swept_at`` is when the sales that it hit had been suspended; until then no process takes bids again.
    """

    __tablename__ = "bidding_gap"
    __table_args__ = (
        CheckConstraint("ended_at > began_at", name="order"),
        Index("ix_bidding_gap_ended_at", "ended_at"),
        Index("ix_bidding_gap_unswept", "ended_at", postgresql_where=text("swept_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    swept_at: Mapped[datetime | None]


class AuctionDecision(Base):
    """What two posts decide about sales in trouble (处置决定): one proposes, a person of the other post approves."""

    __tablename__ = "auction_decision"
    __table_args__ = (
        CheckConstraint("act IN ('resume', 'void')", name="act"),
        CheckConstraint("reason_zh <> '' AND reason_en <> ''", name="reason"),
        CheckConstraint("hard_end_at IS NULL OR act = 'resume'", name="hard_end"),
        CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved"),
        CheckConstraint("approved_by <> proposed_by", name="two_people"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    act: Mapped[str]
    reason_zh: Mapped[str]
    reason_en: Mapped[str]
    hard_end_at: Mapped[datetime | None]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None]


class DecidedAuction(Base):
    """One sale of a decision, with what became of it: carried out, or refused for a reason that is kept."""

    __tablename__ = "decided_auction"
    __table_args__ = (
        CheckConstraint("failure IS NULL OR settled_at IS NOT NULL", name="failure"),
        Index("ix_decided_auction_auction_id", "auction_id"),
        Index("ix_decided_auction_unsettled", "decision_id", postgresql_where=text("settled_at IS NULL")),
    )

    decision_id: Mapped[UUID] = mapped_column(ForeignKey("auction_decision.id"), primary_key=True)
    auction_id: Mapped[UUID] = mapped_column(ForeignKey("auction.id"), primary_key=True)
    settled_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    failure_zh: Mapped[str | None]
    failure_en: Mapped[str | None]
