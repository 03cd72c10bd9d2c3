"""Scheduling a sale: checks its terms, hides its reserve behind a commitment, opens its streams."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from app.auction.models import Auction, AuctionSecret
from app.auction.rules.engine import Published, publish
from app.auction.rules.game import State
from app.auction.rules.terms import AuctionTerms, commit_reserve
from app.auction.rules.words import write_rules
from app.auction.sealing import publish_sealing_key
from app.chain import Event
from app.clock import market_now
from app.events import open_stream, record
from app.ids import uuid7

if TYPE_CHECKING:
    from app.db import Session


async def schedule_auction(
    session: Session,
    *,
    listing_id: UUID,
    listing_no: str,
    seller_id: UUID,
    title: str,
    terms: AuctionTerms,
    reserve_fen: int | None,
    is_demonstration: bool,
    rules: dict[str, Any] | None = None,
) -> Auction:
    """Publishes a sale's terms as the first event of its public stream; raises TermsInvalid.

    ``rules``: as announced for these very terms by a notice.
    The reserve is not told: the event carries HMAC-SHA256 of it under a fresh key, which the close opens.
    """
    published = publish(terms)
    start = published.format.start(terms, published.options)
    auction_id, host_stream_id = uuid7(), uuid7()
    await open_stream(session, auction_id, f"auction:{auction_id}:public")
    await open_stream(session, host_stream_id, f"auction:{auction_id}:host")
    now = await market_now(session)
    rules = rules or write_rules(terms)
    auction = Auction(
        id=auction_id,
        host_stream_id=host_stream_id,
        listing_id=listing_id,
        listing_no=listing_no,
        seller_id=seller_id,
        title=title,
        is_demonstration=is_demonstration,
        rules=rules,
        last_official_at=now,
        **_published_columns(published, start),
    )
    session.add(auction)
    await session.flush()
    sealing_key = await publish_sealing_key(session, auction_id) if published.format.needs_seal else None
    commitment = _keep_secrets(session, auction_id, reserve_fen, _write(published.format.pack(start)[1]))
    body = {
        "listing_no": listing_no,
        "terms": terms.as_json(),
        "rules_sha256": rules["sha256"],
        "reserve_commitment": commitment,
        "sealing_key": sealing_key,
    }
    await record(session, auction_id, Event("auction_scheduled", body), at=now)
    await session.refresh(auction)
    return auction


def _published_columns(published: Published, start: State) -> dict[str, Any]:
    """What of a sale's row follows from its terms: frozen as published, or where its rules start from."""
    terms = published.terms
    return {
        "format": terms.format,
        "direction": terms.direction,
        "terms": terms.as_json(),
        "opens_at": terms.opens_at,
        "hard_end_at": start.hard_end_at,
        "ends_at": start.ends_at,
        "stage": start.stage,
        "detail": _write(published.format.pack(start)[0]),
        "due_at": terms.opens_at,
    }


def _write(detail: Mapping[str, Any] | None) -> str | None:
    return None if detail is None else orjson.dumps(detail).decode()


def _keep_secrets(
    session: Session, auction_id: UUID, reserve_fen: int | None, hidden: str | None
) -> str | None:
    """Keeps the reserve with a fresh key and the format's secret state; returns the commitment to the reserve."""
    if reserve_fen is None and hidden is None:
        return None
    key = None if reserve_fen is None else secrets.token_bytes(32)
    session.add(AuctionSecret(auction_id=auction_id, reserve_fen=reserve_fen, key=key, hidden=hidden))
    return None if reserve_fen is None or key is None else commit_reserve(reserve_fen, key)
