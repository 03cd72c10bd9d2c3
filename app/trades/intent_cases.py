"""Reading an intent with all that its case shows: its members, and whether a suspicion holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from app.accounts.permissions import Permission
from app.trades.consortium import map_members
from app.trades.intent_models import IntentSuspicion
from app.trades.queries import get_intent_view, get_written_intent
from app.trades.suspicions import SuspicionView, list_suspicion_views

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession
    from app.trades.consortium import MemberView
    from app.trades.queries import IntentView


@dataclass(frozen=True)
class IntentCase:
    """An intent with its members; ``is_held`` while a suspicion is open or upheld."""

    view: IntentView
    members: list[MemberView]
    is_held: bool


async def list_cases(session: AnySession, views: Sequence[IntentView]) -> list[IntentCase]:
    """Completes intents that the caller was shown."""
    ids = [view.intent.id for view in views]
    members = await map_members(session, ids)
    query = select(IntentSuspicion.intent_id, IntentSuspicion.other_id).where(
        IntentSuspicion.status != "cleared",
        or_(IntentSuspicion.intent_id.in_(ids), IntentSuspicion.other_id.in_(ids)),
    )
    held = {intent_id for pair in await session.execute(query) for intent_id in pair}
    return [IntentCase(view, members.get(view.intent.id, []), view.intent.id in held) for view in views]


async def get_case(session: AnySession, caller: Caller, intent_id: UUID) -> IntentCase:
    """Reads an intent for its members or the desk. Raises IntentMissing, NotPermitted."""
    return (await list_cases(session, [await get_intent_view(session, caller, intent_id)]))[0]


async def get_written_case(session: AnySession, intent_id: UUID) -> IntentCase:
    """Reads the intent that the caller has just acted on, whatever else his token may read."""
    return (await list_cases(session, [await get_written_intent(session, intent_id)]))[0]


async def list_case_suspicions(session: AnySession, caller: Caller, intent_id: UUID) -> list[SuspicionView]:
    """Lists the suspicions of an intent for the desk that decides on them. Raises NotPermitted, IntentMissing."""
    caller.require(Permission.INTENT_QUALIFY)
    await get_intent_view(session, caller, intent_id)
    return await list_suspicion_views(session, intent_id)
