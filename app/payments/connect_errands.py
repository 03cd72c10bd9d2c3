"""The errands that pay sellers at the card gateway: asked first, then told, and what it has is drawn in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.payments.card_payments import note_handled
from app.payments.connect_accounts import (
    CONNECT_ERRAND,
    find_owner,
    find_payout_account,
    keep_account,
    promise_look,
    refuse_account,
)
from app.payments.connect_transfers import enter_transfer, get_wanted, is_our_transfer, refuse_transfer
from app.payments.errors_connect import PayoutAccountMissing
from app.payments.gateway import GatewayRefused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.db import Database, Session
    from app.payments.connect_gateway import ConnectGateway
    from app.tasks import Errand, Outing

    Conclusion = Callable[[Session], Awaitable[None]]


def connect_errands(database: Database, gateway: ConnectGateway) -> dict[str, Errand]:
    """The errands that a worker with a card gateway carries out; without one they wait."""

    async def go(outing: Outing) -> Conclusion:
        payload = outing.payload
        if "transfer_id" in payload:
            return await _hear_transfer(database, gateway, payload)
        if "account_id" in payload:
            return await _hear_account(database, gateway, payload)
        if "order_id" in payload:
            return await _pay(database, gateway, outing)
        return await _open(database, gateway, outing)

    return {CONNECT_ERRAND: go}


async def _pay(database: Database, gateway: ConnectGateway, outing: Outing) -> Conclusion:
    """Pays an order's transfer once: after a first attempt whose end is unknown the gateway is asked for it."""
    order_id = UUID(outing.payload["order_id"])
    wanted = await database.read(get_wanted, order_id)
    seen = None
    if outing.attempt > 1:
        seen = await gateway.find_transfer(order_id, wanted.transfer_group)
    if seen is None:
        try:
            # The task's own id is the key: however often it sets out, the gateway pays once.
            seen = await gateway.transfer(wanted, str(outing.task_id))
        except GatewayRefused as error:
            return _refused(order_id, error)
    found = seen

    async def conclude(session: Session) -> None:
        await enter_transfer(session, order_id, found)

    return conclude


def _refused(order_id: UUID, error: GatewayRefused) -> Conclusion:
    async def conclude(session: Session) -> None:
        await refuse_transfer(session, order_id, error.gateway_code, error.text)

    return conclude


async def _open(database: Database, gateway: ConnectGateway, outing: Outing) -> Conclusion:
    """Opens a party's account once; one that is known is looked at."""
    organisation_id = UUID(outing.payload["organisation_id"])
    row = await database.read(find_payout_account, organisation_id)
    if row is None:
        raise PayoutAccountMissing
    seen = None
    if row.account_id is not None:
        seen = await gateway.look_account(row.account_id)
    elif outing.attempt > 1:
        seen = await gateway.find_account(organisation_id, row.created_at)
    if seen is None:
        try:
            seen = await gateway.open_account(organisation_id, str(outing.task_id))
        except GatewayRefused as error:
            reason = error.gateway_code

            async def refuse(session: Session) -> None:
                await refuse_account(session, organisation_id, reason)

            return refuse
    found, known = seen, row

    async def conclude(session: Session) -> None:
        await keep_account(session, organisation_id, found, known.seen_at)
        if known.account_id is None:
            # What the gateway said of it before we knew its name was nobody's.
            await promise_look(session, organisation_id)

    return conclude


async def _hear_transfer(database: Database, gateway: ConnectGateway, payload: dict[str, Any]) -> Conclusion:
    """What an event says is asked for anew: it may be old, and it may be of somebody else's transfer."""
    seen = await gateway.look_transfer(payload["transfer_id"])
    order_id = seen.order_id
    knows = order_id is not None and await database.read(is_our_transfer, order_id)

    async def conclude(session: Session) -> None:
        if knows and order_id is not None:
            await enter_transfer(session, order_id, seen)
        await note_handled(session, payload["event_id"])

    return conclude


async def _hear_account(database: Database, gateway: ConnectGateway, payload: dict[str, Any]) -> Conclusion:
    """An account's event; before we know the account it is nothing: whoever opens it looks at it then."""
    organisation_id = await database.read(find_owner, payload["account_id"])
    row = None if organisation_id is None else await database.read(find_payout_account, organisation_id)
    seen = None if row is None else await gateway.look_account(payload["account_id"])

    async def conclude(session: Session) -> None:
        if row is not None and seen is not None:
            await keep_account(session, row.organisation_id, seen, row.seen_at)
        await note_handled(session, payload["event_id"])

    return conclude
