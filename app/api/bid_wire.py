"""What a bid looks like on its way in and out, the same by POST and by socket."""

from datetime import datetime
from functools import lru_cache
from typing import Annotated, Literal, Self
from uuid import UUID

import orjson
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from app.accounts.caller import Caller
from app.api.auction_wire import SignedHeadOut
from app.api.wire import Wire
from app.auction.bidding import Answer, BidRequest
from app.auction.envelopes import Place
from app.auction.posting import seal_amount
from app.auction.protocol.heads import SignedHead
from app.auction.queries import find_receipt, was_judged
from app.auction.rules.game import SECRET_KINDS
from app.auction.rules.terms import commit_amount
from app.db import AnySession, Database
from app.errors import MarketError
from app.money import MAX_FEN

EPOCH = 1
Fen = Annotated[int, Field(gt=0, le=MAX_FEN, examples=[130000000])]
BidKind = Literal[
    "bid", "maximum", "match", "waive", "enter", "seal", "withdraw", "take", "accept", "raise", "turn"
]
_WITHOUT_AMOUNT = frozenset({"waive", "enter", "withdraw"})


class BidIn(Wire):
    """A request to bid: the id is made by the bidder and is its only idempotency key; amounts are whole fen.

    ``kind`` is one that the sale offers. ``if_number`` is the last public event you saw: with it a bid is refused when
    price or leader changed since. ``step`` is the step or round of a falling or rising price that you saw. Secret
    kinds (maximum, seal, turn) come with ``key``: 32 fresh random bytes that you keep as the proof of your amount.
    """

    bid_id: UUID = Field(examples=["01938c6e-7b1c-7aaa-8b8b-2f4d5e6f7a8b"])
    kind: BidKind = "bid"
    amount_fen: Fen | None = None
    if_number: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = Field(default=None, examples=[12])
    step: Annotated[int, Field(ge=0, le=1_000_000, examples=[3])] | None = None
    key: Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=["5e" * 32])] | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.amount_fen is None) != (self.kind in _WITHOUT_AMOUNT):
            code = "amount_missing" if self.amount_fen is None else "amount_not_wanted"
            raise PydanticCustomError(code, f"{self.kind}: {code}")
        if (self.key is None) == (self.kind in SECRET_KINDS):
            code = "key_missing" if self.key is None else "key_not_wanted"
            raise PydanticCustomError(code, f"{self.kind}: {code}")
        return self


class BidAnswerOut(Wire):
    """The receipt of an accepted request: its event's number and hash on its stream, and the signed head with the path.

    ``stream`` says which: everybody's, your own, or the host's.
    """

    bid_id: UUID
    ok: Literal[True] = True
    kind: BidKind
    amount_fen: int | None
    stream: Literal["public", "own", "host"]
    number: int
    hash: str
    epoch: int
    received_at: datetime
    official_at: datetime
    ends_at: datetime
    head: SignedHeadOut | None
    path: list[str]


async def request_of(
    db: Database, auction_id: UUID, body: BidIn, caller: Caller, received_at: datetime
) -> BidRequest:
    """Makes of what arrived a request that the desk takes; a secret amount gets its commitment here.

    The amount of a sealed one ends here: what goes on is its envelope. Raises what the format has against it, unless
    the id was judged before: a repeat gets the first answer, whatever a later stage would say to its amount.
    """
    commitment, key = None, None
    amount_fen = body.amount_fen
    if body.key is not None and amount_fen is not None:
        key = bytes.fromhex(body.key)
        commitment = commit_amount(str(body.bid_id), amount_fen, key)
    envelope = None
    if body.kind == "seal" and amount_fen is not None and key is not None:
        place = Place(auction_id, caller.organisation_id, body.bid_id)
        try:
            envelope = await db.read(seal_amount, place, amount_fen, key)
        except MarketError:
            if not await db.read(was_judged, *place):
                raise
        amount_fen, key = None, None
    return BidRequest(
        body.bid_id,
        caller.organisation_id,
        caller.person_id,
        amount_fen,
        received_at,
        body.kind,
        body.if_number,
        body.step,
        commitment,
        key,
        envelope,
    )


async def answer_again(session: AnySession, answer: Answer) -> bytes:
    """An answer that is given again, with the signed head and path read from the tables."""
    head, path = await find_receipt(session, answer) or (None, [])
    return _write(answer, None if head is None else _head_json(head), path)


def answer_of(answer: Answer) -> bytes:
    """An accepted request's answer as POST and socket carry it, BidAnswerOut in JSON.

    It is written straight from what the desk answered: it was judged by our own rules, and thousands go out a second.
    """
    batch = answer.batch
    if batch is None or batch.head is None:
        return _write(answer, None, [])
    return _write(answer, _head_json(batch.head), batch.tree.path(answer.number - batch.first))


@lru_cache(maxsize=64)
def _head_json(head: SignedHead) -> bytes:
    """A batch's head, written once for all of its answers."""
    return orjson.dumps(head.wire())


def _write(answer: Answer, head: bytes | None, path: list[str]) -> bytes:
    members = {
        # As text: what the driver reads is a UUID of its own kind.
        "bid_id": str(answer.bid_id),
        "ok": True,
        "kind": answer.kind,
        "amount_fen": answer.amount_fen,
        "stream": answer.audience,
        "number": answer.number,
        "hash": answer.hash.hex(),
        "epoch": EPOCH,
        "received_at": answer.received_at,
        "official_at": answer.official_at,
        "ends_at": answer.ends_at,
        "head": None if head is None else orjson.Fragment(head),
        "path": path,
    }
    return orjson.dumps(members, option=orjson.OPT_UTC_Z)
