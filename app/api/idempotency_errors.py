"""What can be wrong with an Idempotency-Key, by draft-ietf-httpapi-idempotency-key-header section 2.7."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Conflict, Invalid, MarketError


@dataclass(eq=False)
class IdempotencyKeyMissing(MarketError):
    """This call moves money and needs an Idempotency-Key."""

    status = 400
    kind_zh = "缺少 Idempotency-Key"
    zh = "这一步涉及资金，请求头要带 Idempotency-Key：由你的程序生成，每次新的请求用新的键（例如 UUID），重发同一请求用同一个键。"
    en = (
        "This call moves money: send an Idempotency-Key header that your program makes, a new one (such as a UUID) for each "
        "new request, and the same one when you send a request again."
    )


@dataclass(eq=False)
class IdempotencyKeyReused(Invalid):
    """This Idempotency-Key was used with another request."""

    zh = "这个 Idempotency-Key 已用于另一份内容。新的请求请换一个新的键；重发原请求请保持内容不变。"
    en = "This Idempotency-Key was used with other content. Take a new key for a new request."


@dataclass(eq=False)
class RequestInFlight(Conflict):
    """The first request with this Idempotency-Key is still being carried out."""

    zh = "同一 Idempotency-Key 的请求正在办理，尚无结果。请过一两秒用同一个键重发，即可得到它的答复。"
    en = "The request with this Idempotency-Key is still under way. Send it again with the same key in a second or two."
