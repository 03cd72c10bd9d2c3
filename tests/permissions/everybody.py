"""Everybody of the world signed in: by cookie, with an ended session, and with tokens of every width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from app.accounts.credentials import csrf_token
from app.accounts.permissions import Scope
from app.accounts.signing_in import start_session
from app.accounts.tokens import create_token
from tests.permissions.asks import ASKS

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Session
    from app.settings import Settings
    from tests.permissions.world import World

COOKIE_MARK = "market_session="


def holders() -> list[str]:
    """The people whose tokens and ended sessions are tried."""
    return sorted({ask.holder for ask in ASKS.values()})


async def sign_everybody_in(session: Session, world: World, settings: Settings) -> None:
    """Writes the headers of every kind of caller into the world."""
    for name, caller in world.people.items():
        world.headers[name] = await _cookie(session, world, settings, caller)
    for name in holders():
        caller = world.people[name]
        world.headers[f"{name} ended"] = await _cookie(session, world, settings, caller)
        for scope in Scope:
            others = [each for each in Scope if each is not scope]
            world.headers[f"{name} but {scope}"] = await _token(session, world, caller, others)
            world.headers[f"{name} only {scope}"] = await _token(session, world, caller, [scope])
        world.headers[f"{name} by token"] = await _token(session, world, caller, list(Scope))
    token, _ = await create_token(session, world.people["S/seller"], name="旧令牌", scopes=[Scope.READ])
    world.ids["token"] = str(token.id)
    hashes = await session.execute(text("SELECT DISTINCT password_hash FROM person"))
    world.secrets += [str(found) for found in hashes.scalars()]


def _headers(settings: Settings, cookie: str) -> dict[str, str]:
    return {"Cookie": COOKIE_MARK + cookie, "X-CSRF-Token": csrf_token(settings, cookie)}


async def _cookie(session: Session, world: World, settings: Settings, caller: Caller) -> dict[str, str]:
    signed_in = await start_session(session, settings, caller.person_id)
    world.secrets.append(signed_in.token)
    return _headers(settings, signed_in.token)


async def _token(session: Session, world: World, caller: Caller, scopes: list[Scope]) -> dict[str, str]:
    _, secret = await create_token(session, caller, name="测试令牌", scopes=scopes)
    world.secrets.append(secret)
    return {"Authorization": f"Bearer {secret}"}
