"""The port of a card gateway (支付通道): what the market asks of one, and what it learns from it.

Paying a deposit by bank transfer needs no gateway and is the way that is always there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

from app.errors import Busy, Conflict, Invalid

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.payments.connect_gateway import ConnectGateway
    from app.payments.stripe_gateway import StripeGateway
    from app.settings import Settings


class Stage(StrEnum):
    """How far a card payment is at the gateway (卡支付阶段), by what a repeated or late word may still change."""

    ASKED = "asked"  # 已申请: promised, not known at the gateway yet
    WAITING = "waiting"  # 等待付款人: the card's bank wants the payer's own step
    DECLINED = "declined"  # 被拒: the card's bank refused
    HELD = "held"  # 已授权: set aside on the card until its hold ends
    CANCELLED = "cancelled"  # 已撤销: nothing was taken, or the hold has lapsed
    CAPTURED = "captured"  # 已扣款
    REFUNDED = "refunded"  # 已退款
    REFUND_FAILED = "refund_failed"  # 退款失败: the card's bank sent it back


@dataclass(frozen=True)
class CardOrder:
    """A payment to be asked for: our own id of it, the amount, the payer's card as the gateway's token."""

    payment_id: UUID
    amount_fen: int
    card: str
    reference: str


@dataclass(frozen=True)
class Seen:
    """A payment as the gateway has it now; ``hold_ends_at`` is the instant before which it must be captured."""

    intent_id: str
    payment_id: UUID | None
    stage: Stage
    amount_fen: int
    hold_ends_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True)
class DisputeSeen:
    """A dispute as the gateway's signed event says it: under its id, over how much, ``open``, ``won`` or ``lost``."""

    id: str
    amount_fen: int
    status: Literal["open", "won", "lost"]
    reason: str


@dataclass(frozen=True)
class GatewayEvent:
    """Word from the gateway that something happened to a payment, a transfer or an account.

    What is true is asked for, never read from it.
    """

    id: str
    kind: str
    intent_id: str | None
    created_at: datetime
    dispute: DisputeSeen | None = None
    transfer_id: str | None = None
    account_id: str | None = None


class CardGateway(Protocol):
    """A card gateway. Each act may be repeated under its key; an error of GatewayUnreachable leaves its outcome open."""

    @property
    def connect(self) -> ConnectGateway:
        """Its part that pays sellers."""

    async def pay(self, order: CardOrder, key: str) -> Seen:
        """Asks for a payment that is to be captured by hand; a declined one is seen as such."""

    async def capture(self, intent_id: str, key: str) -> Seen:
        """Takes the money that is held."""

    async def cancel(self, intent_id: str, key: str) -> Seen:
        """Gives a hold up."""

    async def refund(self, intent_id: str, payment_id: UUID, key: str) -> Seen:
        """Gives back all that was captured."""

    async def look(self, intent_id: str) -> Seen:
        """A payment as it is now."""

    async def find(self, payment_id: UUID, since: datetime) -> Seen | None:
        """The payment that was asked for under our id since then, if the gateway has it."""

    def read_event(self, body: bytes, signature: str | None) -> GatewayEvent:
        """Reads a webhook. Raises SignatureRefused."""


@dataclass(eq=False)
class GatewayUnreachable(Busy):
    """The card gateway did not answer, so it is not known whether the step was done."""

    zh = "支付通道暂时没有应答，这一步是否完成尚不清楚；系统会先向通道查询，再决定是否重做。"
    en = "The card gateway did not answer, so it is not known whether this was done; it is asked before anything is repeated."


@dataclass(eq=False)
class GatewayRefused(Conflict):
    """The card gateway refused the step."""

    zh = "支付通道拒绝了这一步：{text}"
    en = "The card gateway refused this step: {text}"
    gateway_code: str
    text: str


@dataclass(eq=False)
class SignatureRefused(Invalid):
    """The webhook's signature does not fit."""

    zh = "Stripe-Signature 与请求内容、签名密钥或时间不符，没有受理；请核对端点的签名密钥和发送方时钟（允许相差 5 分钟）。"
    en = (
        "The Stripe-Signature does not fit the body, the endpoint's secret or the time, and nothing was taken; "
        "check the endpoint's signing secret and the sender's clock, which may differ by 5 minutes."
    )


@dataclass(eq=False)
class GatewayNotConfigured(Conflict):
    """No card gateway is configured here."""

    zh = "本市场没有开通卡支付；请用银行转账缴纳，付款时填写缴款码。"
    en = "This market takes no cards; pay by bank transfer with the payment reference."


def open_gateway(settings: Settings) -> StripeGateway | None:
    """The gateway that the settings name; none without a key: bank transfer is then the only way."""
    if settings.stripe_secret_key is None or settings.stripe_webhook_secret is None:
        return None
    # Loading its library takes half a second, and most markets take no cards.
    from app.payments.stripe_gateway import StripeGateway  # noqa: PLC0415

    return StripeGateway(
        settings.stripe_secret_key.get_secret_value(),
        settings.stripe_webhook_secret.get_secret_value(),
        settings.stripe_api_base,
    )
