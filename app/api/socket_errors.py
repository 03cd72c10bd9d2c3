"""What a socket refuses, with what would be right."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Invalid, TooMany


@dataclass(eq=False)
class FrameMalformed(Invalid):
    """The frame cannot be read."""

    zh = "无法读取这条消息：{reason_zh}。出价消息应为 {example}。"
    en = "This frame cannot be read: {reason_en}. A bid looks like {example}."
    reason_zh: str
    reason_en: str
    example: str = '{"type":"bid","bid_id":"<uuid>","amount_fen":130000000}'


@dataclass(eq=False)
class FramesTooMany(TooMany):
    """Frames come too fast."""

    zh = "消息过于频繁（每秒最多 {per_second} 条），连接将被关闭。"
    en = "Frames come too fast (at most {per_second} a second); the connection is about to be closed."
    per_second: int


@dataclass(eq=False)
class BidsUnderWay(TooMany):
    """Too many bids of this socket are waiting for their answers."""

    zh = "这个连接上已有 {most} 次出价在等待答复，这次没有受理，也没有生效。请等到答复后用同一编号重试。"
    en = (
        "{most} bids of this socket are waiting for their answers. This one was not taken and has no effect; "
        "retry with the same id when they have come."
    )
    most: int
