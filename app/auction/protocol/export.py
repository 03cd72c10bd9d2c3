"""Reading an ended sale's rows for its record (导出竞价记录): everything by bidder codes, nobody's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from sqlalchemy import select

from app.accounts.models import Organisation
from app.accounts.permissions import Permission
from app.auction.models import Admission, AuctionSecret, BidRow, BidSecret
from app.auction.protocol.bundling import SaleRows, StreamRows, assemble
from app.auction.protocol.heads import SignedHead
from app.auction.protocol.models import SignedHeadRow
from app.auction.queries import get_auction
from app.auction.refusals import read_refusal
from app.auction.rules.game import ENDED, Standing
from app.audit import audit
from app.chain import HOST, PUBLIC, instant
from app.errors import Conflict
from app.events import EventRow, EventStream

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.auction.models import Auction
    from app.db import AnySession, Session

_log = structlog.get_logger()


@dataclass(eq=False)
class RecordNotReady(Conflict):
    """The sale has not ended: its record is published afterwards."""

    zh = "本场竞价尚未结束，竞价记录在结束后公布。当前预计结束时间为 {ends_at:instant}。"
    en = "The sale has not ended; its record is published afterwards. The end now lies at {ends_at:instant}."
    ends_at: datetime


async def read_sale_rows(session: AnySession, auction_id: UUID) -> SaleRows:
    """Reads an ended sale, also a void one; raises AuctionMissing, RecordNotReady."""
    auction = await get_auction(session, auction_id)
    if auction.phase not in ENDED:
        raise RecordNotReady(auction.ends_at)
    secret = await session.get(AuctionSecret, auction_id)
    query = select(Admission).where(Admission.auction_id == auction_id).order_by(Admission.code)
    admissions = list((await session.execute(query)).scalars())
    audiences = {
        auction.id: PUBLIC,
        auction.host_stream_id: HOST,
        **{admission.stream_id: admission.code for admission in admissions},
    }
    streams = await _read_streams(session, audiences)
    return SaleRows(
        str(auction.id),
        auction.title,
        auction.rules,
        secret.reserve_fen if secret else None,
        secret.key if secret else None,
        {admission.code: admission.has_priority for admission in admissions},
        streams,
        await _read_requests(session, auction, admissions, audiences, streams),
        await _read_heads(session, list(audiences)),
        is_demonstration=auction.is_demonstration,
    )


async def _read_streams(session: AnySession, audiences: dict[UUID, str]) -> list[StreamRows]:
    of_streams = select(EventStream.id, EventStream.epoch).where(EventStream.id.in_(audiences))
    epochs = {row.id: row.epoch for row in await session.execute(of_streams)}
    events: dict[UUID, list[dict[str, Any]]] = {stream_id: [] for stream_id in audiences}
    query = (
        select(EventRow.stream_id, EventRow.number, EventRow.kind, EventRow.at, EventRow.body, EventRow.hash)
        .where(EventRow.stream_id.in_(audiences))
        .order_by(EventRow.stream_id, EventRow.number)
    )
    for stream_id, number, kind, at, body, digest in await session.execute(query):
        events[stream_id].append(
            {
                "number": number,
                "kind": kind,
                "at": instant(at),
                "body": orjson.loads(body),
                "hash": digest.hex(),
            }
        )
    return [
        StreamRows(audience, str(stream_id), epochs[stream_id], events[stream_id])
        for stream_id, audience in audiences.items()
    ]


async def _read_heads(session: AnySession, stream_ids: list[UUID]) -> list[tuple[SignedHead, int]]:
    query = (
        select(SignedHeadRow)
        .where(SignedHeadRow.stream_id.in_(stream_ids))
        .order_by(SignedHeadRow.at, SignedHeadRow.judged, SignedHeadRow.stream_id, SignedHeadRow.last)
    )
    return [
        (
            SignedHead(
                str(row.stream_id),
                row.first,
                row.last,
                row.hash,
                row.root,
                row.at,
                row.key_id,
                row.signature,
            ),
            row.judged,
        )
        for row in (await session.execute(query)).scalars()
    ]


async def _read_requests(
    session: AnySession,
    auction: Auction,
    admissions: list[Admission],
    audiences: dict[UUID, str],
    streams: list[StreamRows],
) -> list[dict[str, Any]]:
    """The judged requests in their order, as the acts that they are."""
    admitted = {admission.party_id: admission for admission in admissions}
    events = {stream.audience: stream.events for stream in streams}
    query = (
        select(BidRow, BidSecret.amount_fen, BidSecret.key, Organisation.kind)
        .join(Organisation, Organisation.id == BidRow.party_id)
        .outerjoin(
            BidSecret,
            (BidSecret.auction_id == BidRow.auction_id)
            & (BidSecret.party_id == BidRow.party_id)
            & (BidSecret.bid_id == BidRow.bid_id),
        )
        .where(BidRow.auction_id == auction.id)
        .order_by(BidRow.turn)
    )
    acts: list[dict[str, Any]] = []
    for bid, secret_fen, key, kind in await session.execute(query):
        audience = audiences[bid.stream_id]
        event = events[audience][bid.number - 1]
        refusal = None if bid.refusal is None else read_refusal(bid.refusal, bid.amount_fen).code
        asker = _asker(auction, admitted.get(bid.party_id), bid, kind, event["body"], refusal)
        judged = {
            "act": "request",
            "turn": bid.turn,
            "at": event["at"],
            "kind": bid.kind,
            **asker,
            "bid_id": str(bid.bid_id),
            "amount_fen": bid.amount_fen if bid.commitment is None else secret_fen,
            "key": (key or b"").hex() or None,
            "if_number": bid.if_number,
            "step": bid.step,
            "commitment": bid.commitment,
            "received_at": instant(bid.received_at),
            "refusal": refusal,
        }
        acts.append({**judged, "stream": audience, "number": bid.number})
    return acts


def _asker(
    auction: Auction,
    admission: Admission | None,
    bid: BidRow,
    organisation_kind: str,
    body: dict[str, Any],
    refusal: str | None,
) -> dict[str, Any]:
    """Who asked, by code, and what it was to the sale when its request was judged.

    Who was admitted only after a refused request had no code then: the request's event says so.
    """
    if admission is not None and body.get("bidder", admission.code) is not None:
        standing = Standing.DEPOSIT_DUE if refusal == "deposit-not-held" else Standing.ADMITTED
        return {"bidder": admission.code, "standing": standing, "has_priority": admission.has_priority}
    standing = Standing.SELLER if bid.party_id == auction.seller_id else Standing.STRANGER
    if organisation_kind == "exchange":
        standing = Standing.EXCHANGE
    return {"bidder": None, "standing": standing, "has_priority": False}


def build_bundle(rows: SaleRows) -> dict[str, Any]:
    """Makes the bundle; CPU work, call it in a thread. One that its own acts do not bring about is logged."""
    bundle, findings = assemble(rows)
    for found in findings:
        _log.error("record_not_replayed", auction_id=rows.auction_id, finding=found.text("en"))
    return bundle


def list_withheld(rows: SaleRows, bundle: dict[str, Any]) -> list[dict[str, Any]]:
    """The maxima that stand replaced in a bundle, as they were: for a supervisor alone."""
    kept = {request["turn"]: request for request in rows.requests}
    names = ("turn", "bidder", "bid_id", "amount_fen", "key", "commitment")
    return [
        {**{name: kept[act["turn"]][name] for name in names}, "shown_fen": act["amount_fen"]}
        for act in bundle["acts"]
        if act.get("kind") == "maximum" and act["key"] is None
    ]


async def record_opening(session: Session, caller: Caller, auction_id: UUID, reason: str, count: int) -> None:
    """Records that a supervisor had withheld maxima opened, and why; raises NotPermitted."""
    caller.require(Permission.AUDIT_READ)
    await audit(
        session,
        caller,
        "auction.maxima-opened",
        subject_kind="auction",
        subject_id=auction_id,
        detail={"reason": reason, "count": count},
    )
