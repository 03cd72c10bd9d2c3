"""Stripe Connect: sellers' accounts, the links to its own forms, and transfers to those accounts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.payments.connect_gateway import AccountSeen, OnboardingLink, ReversalSeen, TransferSeen
from app.payments.stripe_answers import answered

if TYPE_CHECKING:
    import stripe

    from app.payments.connect_gateway import TransferOrder

_PAGE = 100
# What is ours is looked for from a little before its row was written: the two clocks differ.
_CLOCKS_DIFFER_SECONDS = 300


class StripeConnect:
    """The part of Stripe's API that pays sellers, at the account of the gateway that has it."""

    def __init__(self, client: stripe.StripeClient) -> None:
        """Speaks through the gateway's own client."""
        self.client = client

    async def open_account(self, organisation_id: UUID, key: str) -> AccountSeen:
        """Opens an account whose party tells Stripe about itself on Stripe's own pages."""
        asked = self.client.v1.accounts.create_async(
            {
                "type": "express",
                "business_type": "company",
                "capabilities": {"transfers": {"requested": True}},
                "metadata": {"organisation_id": str(organisation_id)},
            },
            {"idempotency_key": key},
        )
        return _account(await answered(asked))

    async def look_account(self, account_id: str) -> AccountSeen:
        """An account as it is now."""
        return _account(await answered(self.client.v1.accounts.retrieve_async(account_id)))

    async def find_account(self, organisation_id: UUID, since: datetime) -> AccountSeen | None:
        """Looks through the accounts opened since then for the party's."""
        params: Any = {"created": {"gte": int(since.timestamp()) - _CLOCKS_DIFFER_SECONDS}, "limit": _PAGE}
        while True:
            page = await answered(self.client.v1.accounts.list_async(params))
            for account in page["data"]:
                if (account.get("metadata") or {}).get("organisation_id") == str(organisation_id):
                    return _account(account)
            if not page["has_more"]:
                return None
            params = {**params, "starting_after": page["data"][-1]["id"]}

    async def link(self, account_id: str, page: str) -> OnboardingLink:
        """A link to Stripe's form, for one use; from an expired one the party comes back to ask for another."""
        asked = self.client.v1.account_links.create_async(
            {
                "account": account_id,
                "type": "account_onboarding",
                "return_url": f"{page}?back=done",
                "refresh_url": f"{page}?back=expired",
            }
        )
        found = await answered(asked)
        return OnboardingLink(found["url"], datetime.fromtimestamp(found["expires_at"], UTC))

    async def transfer(self, order: TransferOrder, key: str) -> TransferSeen:
        """Moves money from the exchange's balance to the account, in the deal's group."""
        asked = self.client.v1.transfers.create_async(
            {
                "amount": order.amount_fen,
                "currency": "cny",
                "destination": order.account_id,
                "transfer_group": order.transfer_group,
                "description": order.reference,
                "metadata": {"order_id": str(order.order_id)},
            },
            {"idempotency_key": key},
        )
        return await self._seen(await answered(asked))

    async def look_transfer(self, gateway_id: str) -> TransferSeen:
        """A transfer as it is now."""
        return await self._seen(await answered(self.client.v1.transfers.retrieve_async(gateway_id)))

    async def find_transfer(self, order_id: UUID, transfer_group: str) -> TransferSeen | None:
        """Looks through the deal's transfers for the order's."""
        params: Any = {"transfer_group": transfer_group, "limit": _PAGE}
        while True:
            page = await answered(self.client.v1.transfers.list_async(params))
            for transfer in page["data"]:
                if transfer["metadata"].get("order_id") == str(order_id):
                    return await self._seen(transfer)
            if not page["has_more"]:
                return None
            params = {**params, "starting_after": page["data"][-1]["id"]}

    async def _seen(self, transfer: dict[str, Any]) -> TransferSeen:
        ours = transfer["metadata"].get("order_id")
        reversals = await self._reversals(transfer["id"]) if transfer["amount_reversed"] else ()
        return TransferSeen(
            transfer["id"],
            UUID(ours) if ours else None,
            transfer["destination"],
            transfer["amount"],
            reversals,
        )

    async def _reversals(self, gateway_id: str) -> tuple[ReversalSeen, ...]:
        """All that came back; the transfer itself shows the last ten only."""
        params: Any = {"limit": _PAGE}
        found: list[ReversalSeen] = []
        while True:
            page = await answered(self.client.v1.transfers.reversals.list_async(gateway_id, params))
            found += [ReversalSeen(each["id"], each["amount"]) for each in page["data"]]
            if not page["has_more"]:
                return tuple(found)
            params = {**params, "starting_after": page["data"][-1]["id"]}


def _account(account: dict[str, Any]) -> AccountSeen:
    ours = (account.get("metadata") or {}).get("organisation_id")
    return AccountSeen(
        account["id"],
        UUID(ours) if ours else None,
        (account.get("capabilities") or {}).get("transfers", "inactive"),
        bool(account["details_submitted"]),
        bool(account["payouts_enabled"]),
        (account.get("requirements") or {}).get("disabled_reason"),
    )
