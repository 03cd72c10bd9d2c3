"""Sellers' accounts at the card gateway (收款账户): asked for, then kept as the gateway has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.permissions import Permission
from app.audit import audit
from app.clock import market_now
from app.errors import Busy
from app.payments.connect_models import ConnectedAccount
from app.payments.connect_rules import AccountFacts, PayoutState, state_of
from app.payments.errors_connect import PayoutAccountMissing, PayoutAccountOpened
from app.tasks import ERRANDS, promise

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session
    from app.payments.connect_gateway import AccountSeen

CONNECT_ERRAND = "connect"
ERRANDS.add(CONNECT_ERRAND)
_TOLD = {PayoutState.READY, PayoutState.RESTRICTED, PayoutState.REFUSED}


@dataclass(eq=False)
class AccountMovedOn(Busy):
    """The account was looked at again meanwhile, so this look may be old."""

    zh = "收款账户刚被重新查询过，这次看到的可能已经过时；系统会再查一次。"
    en = "The payout account was looked at again meanwhile, so what was seen may be old; it is looked at once more."


def facts_of(row: ConnectedAccount | None) -> AccountFacts | None:
    """What the rules look at of an account."""
    if row is None:
        return None
    return AccountFacts(
        row.account_id, row.transfers, row.is_submitted, row.has_payouts, row.disabled_reason, row.refusal
    )


async def find_payout_account(session: AnySession, organisation_id: UUID) -> ConnectedAccount | None:
    """A party's account, if one was ever asked for."""
    query = select(ConnectedAccount).where(ConnectedAccount.organisation_id == organisation_id)
    return (await session.execute(query)).scalar_one_or_none()


async def read_payout_account(session: AnySession, caller: Caller) -> ConnectedAccount | None:
    """The caller's own organisation's account. Raises NotPermitted."""
    caller.require(Permission.PAYOUT_READ)
    return await find_payout_account(session, caller.organisation_id)


async def get_account_to_link(session: AnySession, caller: Caller) -> str:
    """The gateway's id of the caller's own account, for its admin. Raises NotPermitted, PayoutAccountMissing."""
    caller.require(Permission.ORGANISATION_MANAGE)
    found = await find_payout_account(session, caller.organisation_id)
    if found is None or found.account_id is None:
        raise PayoutAccountMissing
    return found.account_id


async def find_owner(session: AnySession, account_id: str) -> UUID | None:
    """Whose account the gateway's id names, if it is one of ours."""
    query = select(ConnectedAccount.organisation_id).where(ConnectedAccount.account_id == account_id)
    return (await session.execute(query)).scalar_one_or_none()


async def lock_payout_account(session: Session, organisation_id: UUID) -> ConnectedAccount:
    """Takes the account's row lock and returns fresh values; raises PayoutAccountMissing."""
    query = (
        select(ConnectedAccount).where(ConnectedAccount.organisation_id == organisation_id).with_for_update()
    )
    found = (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()
    if found is None:
        raise PayoutAccountMissing
    return found


async def open_payout_account(session: Session, caller: Caller) -> UUID:
    """Asks for an account of the caller's organisation, for its admin; the worker asks the gateway after the commit.

    One that the gateway refused may be asked for again. Locks the account. Raises NotPermitted, PayoutAccountOpened.
    """
    caller.require(Permission.ORGANISATION_MANAGE)
    organisation_id = caller.organisation_id
    made = insert(ConnectedAccount).values(organisation_id=organisation_id, asked_by=caller.person_id)
    taken = made.on_conflict_do_nothing().returning(ConnectedAccount.organisation_id)
    is_new = (await session.execute(taken)).scalar_one_or_none() is not None
    row = await lock_payout_account(session, organisation_id)
    if not is_new and state_of(facts_of(row)) is not PayoutState.REFUSED:
        raise PayoutAccountOpened
    row.refusal, row.asked_by = None, caller.person_id
    await session.flush()
    payload = {"organisation_id": str(organisation_id)}
    await promise(session, CONNECT_ERRAND, payload, key=f"account:{organisation_id}")
    await audit(
        session,
        caller,
        "payout-account.asked",
        subject_kind="connected_account",
        subject_id=organisation_id,
    )
    return organisation_id


async def promise_look(session: Session, organisation_id: UUID) -> None:
    """Promises to ask the gateway how a party's account stands."""
    payload = {"organisation_id": str(organisation_id)}
    await promise(session, CONNECT_ERRAND, payload, key=f"look:{organisation_id}")


async def promise_own_look(session: Session, caller: Caller) -> PayoutState:
    """Has the caller's own account looked at, for its admin; returns how it stood.

    Raises NotPermitted, PayoutAccountMissing.
    """
    caller.require(Permission.ORGANISATION_MANAGE)
    row = await find_payout_account(session, caller.organisation_id)
    if row is None:
        raise PayoutAccountMissing
    if row.account_id is not None:
        await promise_look(session, row.organisation_id)
    return state_of(facts_of(row))


async def keep_account(
    session: Session, organisation_id: UUID, seen: AccountSeen, known_at: datetime | None
) -> None:
    """Keeps an account as the gateway has it; ``known_at`` is when it was last seen before this look was taken.

    The party is told when it may be paid to, and when it no longer may. Locks the account. Raises AccountMovedOn.
    """
    row = await lock_payout_account(session, organisation_id)
    if row.seen_at != known_at:
        raise AccountMovedOn
    before = state_of(facts_of(row))
    row.account_id = row.account_id or seen.account_id
    row.transfers, row.is_submitted, row.has_payouts = seen.transfers, seen.is_submitted, seen.has_payouts
    row.disabled_reason, row.refusal = seen.disabled_reason, None
    row.seen_at = await market_now(session)
    await session.flush()
    await _record(session, row, before, seen.disabled_reason)


async def refuse_account(session: Session, organisation_id: UUID, reason: str) -> None:
    """Notes that the gateway would open no account, and why; the party may ask again. Locks the account."""
    row = await lock_payout_account(session, organisation_id)
    before = state_of(facts_of(row))
    if row.account_id is None:
        row.refusal = reason
        await session.flush()
        await _record(session, row, before, reason)


async def _record(session: Session, row: ConnectedAccount, before: PayoutState, reason: str | None) -> None:
    now = state_of(facts_of(row))
    if now is before or now not in _TOLD:
        return
    await audit(
        session,
        None,
        f"payout-account.{now}",
        subject_kind="connected_account",
        subject_id=row.organisation_id,
        detail={"reason": reason or ""},
    )
