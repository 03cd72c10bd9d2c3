"""Records of rounds, turns and tenders from the database: the verifier replays them to the same award."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.auction.assessing import lock_scores
from app.auction.bidding import BidRequest, place_bids
from app.auction.closing import advance_auction
from app.auction.protocol.export import build_bundle, read_sale_rows
from app.auction.protocol.heads import Signer
from app.auction.protocol.trust import TrustedKey
from app.auction.protocol.verifying import verify
from app.auction.queries import get_auction
from app.auction.rules.game import Kind
from app.auction.rules.terms import commit_amount
from app.auction.sealing import SealedOpener
from app.clock import market_now
from app.ids import uuid7
from tests.make_auction import START_FEN, STEP_FEN, make_sale
from tests.make_sealed import make_master, make_sealed_sale, sealed_request
from tests.make_tenders import make_host, make_panel, make_tender

if TYPE_CHECKING:
    from uuid import UUID

    from app.auction.master_keys import MasterRing
    from app.db import Session
    from tests.conftest import SetNow
    from tests.make_auction import MadeSale

SIGNER = Signer(Ed25519PrivateKey.generate())
KEY = bytes(range(32))


async def record_that_holds(session: Session, auction_id: UUID) -> dict[str, Any]:
    """The ended sale's record, which the verifier holds."""
    bundle: dict[str, Any] = orjson.loads(
        orjson.dumps(build_bundle(await read_sale_rows(session, auction_id)))
    )
    long_ago = await market_now(session) - timedelta(days=9)
    report = verify(bundle, {SIGNER.key_id: TrustedKey(SIGNER.public_key, long_ago, None)}, [])
    assert report.holds, [item.text("en") for item in report.findings]
    return bundle


def asked(party_id: UUID, kind: str, amount_fen: int | None, step: int | None = None) -> BidRequest:
    """A request as the edge lets it pass; a turn with its commitment and key."""
    bid_id = uuid7()
    bare = BidRequest(bid_id, party_id, party_id, amount_fen, datetime.now(UTC), kind, step=step)
    if kind != Kind.TURN or amount_fen is None:
        return bare
    return bare._replace(key=KEY, commitment=commit_amount(str(bid_id), amount_fen, KEY))


async def ends_at(session: Session, sale: MadeSale) -> datetime:
    """The end of the present stage."""
    auction = await get_auction(session, sale.id)
    await session.refresh(auction)
    return auction.ends_at


async def place(session: Session, sale: MadeSale, request: BidRequest) -> None:
    """Places a request that is accepted."""
    (outcome,) = await place_bids(session, sale.id, [request], SIGNER)
    assert getattr(outcome, "refusal", outcome) is None


async def seal(session: Session, sale: MadeSale, *amounts_fen: int) -> None:
    """Seals these amounts, in the order of the bidders."""
    for party, amount_fen in zip(sale.bidders, amounts_fen, strict=False):
        await place(session, sale, await sealed_request(session, sale.id, party, amount_fen))


async def carry_on(
    session: Session, sale: MadeSale, now_is: SetNow, master: MasterRing | None = None, late: int = 0
) -> str | None:
    """The worker's turn, some seconds after the end of the present stage."""
    await now_is(session, await ends_at(session, sale) + timedelta(seconds=late))
    return await advance_auction(session, sale.id, SIGNER, SealedOpener(master))


async def test_three_rounds_of_turns_are_played_and_proven(session: Session, now_is: SetNow) -> None:
    master = await make_master(session)
    sale = await make_sealed_sale(session, format="prozorro_rounds", min_bidders=2, bidders=3)
    await seal(session, sale, START_FEN + 5 * STEP_FEN, START_FEN, START_FEN + STEP_FEN)
    opened_at = sale.ends_at
    assert await carry_on(session, sale, now_is, master) == "open"
    second, third = sale.bidders[1], sale.bidders[2]
    # The worst goes first: its bid is kept secret, changed, and told when its turn ends.
    await carry_on(session, sale, now_is)
    await place(session, sale, asked(second, Kind.TURN, START_FEN + 2 * STEP_FEN, step=1))
    await place(session, sale, asked(second, Kind.TURN, START_FEN + 9 * STEP_FEN, step=1))
    (refused,) = await place_bids(
        session, sale.id, [asked(third, Kind.TURN, START_FEN + 7 * STEP_FEN)], SIGNER
    )
    assert getattr(refused, "refusal", None) is not None
    await carry_on(session, sale, now_is, late=7)
    await place(session, sale, asked(third, Kind.TURN, START_FEN + 3 * STEP_FEN, step=1))
    await place(session, sale, asked(third, Kind.WITHDRAW, None))
    phase: str | None = "open"
    while phase == "open":
        phase = await carry_on(session, sale, now_is, master)
    assert (phase, await ends_at(session, sale)) == ("sold", opened_at + timedelta(seconds=1620))
    bundle = await record_that_holds(session, sale.id)
    assert (bundle["result"]["winner"], bundle["result"]["price_fen"]) == (
        sale.codes[1],
        START_FEN + 9 * STEP_FEN,
    )


async def test_rounds_of_raise_or_accept_are_played_and_proven(session: Session, now_is: SetNow) -> None:
    sale = await make_sale(
        session, format="raise_or_accept", direction="reverse", ends_in=179, options={"round_seconds": 180}
    )
    first, second = sale.bidders
    await place(session, sale, asked(first, Kind.ACCEPT, START_FEN, step=1))
    assert await carry_on(session, sale, now_is) == "open"
    await place(session, sale, asked(second, Kind.RAISE, START_FEN - 3 * STEP_FEN, step=2))
    assert await carry_on(session, sale, now_is, late=4) == "open"
    assert await carry_on(session, sale, now_is) == "sold"
    bundle = await record_that_holds(session, sale.id)
    assert bundle["result"]["price_fen"] == START_FEN - 3 * STEP_FEN


async def test_a_tender_is_ranked_and_proven(session: Session, now_is: SetNow) -> None:
    master = await make_master(session)
    host, tender = await make_host(session), await make_tender(session)
    panel_id = await make_panel(session, host, tender, "40", "100/3", "12.5")
    await seal(session, tender.sale, START_FEN, 2 * START_FEN, START_FEN)
    assert await carry_on(session, tender.sale, now_is, master) == "open"
    await now_is(session, tender.sale.ends_at + timedelta(hours=5))
    await lock_scores(session, host, panel_id, SIGNER)
    assert await advance_auction(session, tender.sale.id, SIGNER, SealedOpener(master)) == "sold"
    bundle = await record_that_holds(session, tender.sale.id)
    assert bundle["result"]["ranking"][0]["total"] == "250/3"
    assert bundle["result"]["winner"] == tender.sale.codes[1]


async def test_a_tender_that_ends_without_its_scores_is_proven_by_the_commitment(
    session: Session, now_is: SetNow
) -> None:
    master = await make_master(session)
    host, tender = await make_host(session), await make_tender(session)
    await seal(session, tender.sale, START_FEN, START_FEN)
    panel_id = await make_panel(session, host, tender, "40", "30", "20")
    await lock_scores(session, host, panel_id, SIGNER)
    assert await carry_on(session, tender.sale, now_is, master) == "unsold"
    bundle = await record_that_holds(session, tender.sale.id)
    assert bundle["result"]["reason"] == "too_few_bidders"
    assert "王一" not in orjson.dumps(bundle).decode()
