"""The port of paying sellers at a card gateway (通道付款): their accounts there, and transfers to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True)
class AccountSeen:
    """An account as the gateway has it now; ``organisation_id`` is None for one that was not made here."""

    account_id: str
    organisation_id: UUID | None
    transfers: str
    is_submitted: bool
    has_payouts: bool
    disabled_reason: str | None


@dataclass(frozen=True)
class OnboardingLink:
    """Where a party tells the gateway about itself: for one use, until it expires."""

    url: str
    expires_at: datetime


@dataclass(frozen=True)
class TransferOrder:
    """A transfer to be made: our order, how much, to whose account, and the deal that it belongs to."""

    order_id: UUID
    amount_fen: int
    account_id: str
    transfer_group: str
    reference: str


@dataclass(frozen=True)
class ReversalSeen:
    """What the gateway took back of a transfer, under its own id."""

    id: str
    amount_fen: int


@dataclass(frozen=True)
class TransferSeen:
    """A transfer as the gateway has it now, with all that came back; ``order_id`` is None for a stranger's."""

    id: str
    order_id: UUID | None
    account_id: str
    amount_fen: int
    reversals: tuple[ReversalSeen, ...] = ()


class ConnectGateway(Protocol):
    """Paying sellers. Each act may be repeated under its key; GatewayUnreachable leaves its outcome open."""

    async def open_account(self, organisation_id: UUID, key: str) -> AccountSeen:
        """Opens an account that may receive transfers, once its party has told about itself. Raises GatewayRefused."""

    async def look_account(self, account_id: str) -> AccountSeen:
        """An account as it is now."""

    async def find_account(self, organisation_id: UUID, since: datetime) -> AccountSeen | None:
        """The account that was opened for a party since then, if the gateway has it."""

    async def link(self, account_id: str, page: str) -> OnboardingLink:
        """A link to the gateway's own form, which leads back to a page of ours."""

    async def transfer(self, order: TransferOrder, key: str) -> TransferSeen:
        """Pays. Raises GatewayRefused where nothing was paid."""

    async def look_transfer(self, gateway_id: str) -> TransferSeen:
        """A transfer as it is now."""

    async def find_transfer(self, order_id: UUID, transfer_group: str) -> TransferSeen | None:
        """The transfer that was made for our order, if the gateway has it."""
