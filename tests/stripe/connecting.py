"""The part of the stand-in that pays sellers: accounts, links to forms, transfers, and what is taken back of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.stripe import connect_objects, objects
from tests.stripe.refusing import Refused

if TYPE_CHECKING:
    from tests.stripe.objects import Json


class Connecting:
    """Accounts that are connected to ours, and the transfers to them."""

    charges: dict[str, Json]

    def __init__(self) -> None:
        """Begins with one account that may be paid to."""
        old = connect_objects.account(
            "acct_standin1", 1, {"type": "express", "capabilities": {"transfers": {}}}
        )
        self.accounts: dict[str, Json] = {"acct_standin1": connect_objects.ready(old)}
        self.links: list[Json] = []
        self.transfers: dict[str, Json] = {}
        self.reversals: dict[str, Json] = {}

    def _new(self, prefix: str) -> tuple[str, int]:
        raise NotImplementedError

    def _tell(self, kind: str, item: Json, account: str | None = None) -> None:
        raise NotImplementedError

    def find(self, shelf: dict[str, Json], ident: str, word: str) -> Json:
        """One object, or the API's 404."""
        raise NotImplementedError

    def open_account(self, asked: Json) -> Json:
        """POST /v1/accounts."""
        if not asked.get("capabilities"):
            text = "You cannot create an account of this type without requesting a capability."
            raise Refused(text, "parameter_missing", param="capabilities")
        account = connect_objects.account(*self._new("acct"), asked)
        self.accounts[account["id"]] = account
        return account

    def link(self, asked: Json) -> Json:
        """POST /v1/account_links."""
        account = self.find(self.accounts, asked["account"], "account")
        for name in ("refresh_url", "return_url"):
            if not asked.get(name):
                raise Refused(f"Missing required param: {name}.", "parameter_missing", param=name)
        _, created = self._new("link")
        link = connect_objects.account_link(created, account["id"], len(self.links))
        self.links.append(link)
        return link

    def submit(self, ident: str) -> None:
        """A party has filled in Stripe's form; Stripe looks at it."""
        account = self.find(self.accounts, ident, "account")
        account["details_submitted"] = True
        account["requirements"] = connect_objects.requirements([], None)
        account["capabilities"] = dict.fromkeys(account["capabilities"], "pending")
        self._tell("account.updated", account, ident)

    def allow(self, ident: str) -> None:
        """Stripe has found everything in order."""
        account = self.find(self.accounts, ident, "account")
        account |= connect_objects.ready(account)
        self._tell("account.updated", account, ident)

    def restrict(self, ident: str, reason: str = "requirements.past_due") -> None:
        """Stripe wants more, and stops the account until it has it."""
        account = self.find(self.accounts, ident, "account")
        account["payouts_enabled"] = False
        account["requirements"] = connect_objects.requirements(["company.tax_id"], reason)
        account["capabilities"] = dict.fromkeys(account["capabilities"], "inactive")
        self._tell("account.updated", account, ident)

    @property
    def available(self) -> int:
        """What is left of the money that cards brought."""
        received = sum(charge["amount_captured"] - charge["amount_refunded"]
                       for charge in self.charges.values() if charge["captured"])  # fmt: skip
        moved = sum(each["amount"] - each["amount_reversed"] for each in self.transfers.values())
        return int(received - moved)

    def move(self, asked: Json) -> Json:
        """POST /v1/transfers."""
        account = self.accounts.get(asked["destination"])
        if account is None:
            text = f"No such destination: '{asked['destination']}'"
            raise Refused(text, "resource_missing", param="destination")
        if account["capabilities"].get("transfers") != "active":
            text = ("Your destination account needs to have at least one of the following capabilities enabled: "
                    "transfers, crypto_transfers, legacy_payments")  # fmt: skip
            raise Refused(text, "insufficient_capabilities_for_transfer")
        if int(asked["amount"]) > self.available:
            text = "You have insufficient available funds in your Stripe account."
            raise Refused(text, "balance_insufficient")
        transfer = objects.transfer(*self._new("tr"), asked)
        self.transfers[transfer["id"]] = transfer
        self._tell("transfer.created", transfer)
        return transfer

    def reverse(self, ident: str, asked: Json) -> Json:
        """POST /v1/transfers/{id}/reversals: never more than was moved and is not yet reversed."""
        transfer = self.find(self.transfers, ident, "transfer")
        left = transfer["amount"] - transfer["amount_reversed"]
        amount = int(asked.get("amount") or left)
        if left == 0 or amount > left:
            text = (
                f"Transfer reversal amount ({amount}) is greater than unreversed amount on transfer ({left})"
            )
            raise Refused(text, param="amount")
        reversal = connect_objects.transfer_reversal(*self._new("trr"), transfer, amount)
        self.reversals[reversal["id"]] = reversal
        transfer["amount_reversed"] += amount
        transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
        transfer["reversals"]["data"] = [reversal, *transfer["reversals"]["data"]][:10]
        self._tell("transfer.reversed", transfer)
        return reversal

    def relabel(self, ident: str, description: str) -> None:
        """Somebody has changed a transfer's words at Stripe."""
        transfer = self.find(self.transfers, ident, "transfer")
        transfer["description"] = description
        self._tell("transfer.updated", transfer)
