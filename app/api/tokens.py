"""Personal tokens for programs."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.accounts.queries import list_tokens
from app.accounts.tokens import create_token, revoke_token
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.problems import problems
from app.api.routing import Router
from app.api.wire import Line

router = Router(prefix="/tokens", tags=["tokens"])

TokenScope = Literal["read", "sell", "buy", "sign", "desk"]


class TokenIn(Wire):
    """What a new token is for."""

    name: Line = Field(examples=["报表程序"])
    scopes: list[TokenScope] = Field(min_length=1, max_length=5, examples=[["read"]])
    expires_at: AwareDatetime | None = Field(
        default=None,
        description="缺省为 90 天后，最长 366 天 / in 90 days unless given, at most 366",
        examples=["2026-12-01T01:00:00Z"],
    )


class TokenOut(Wire):
    """A token without its secret."""

    id: UUID
    name: str = Field(examples=["报表程序"])
    prefix: str = Field(description="令牌开头几位 / its first characters", examples=["mkt_a1B2c3"])
    scopes: list[str] = Field(examples=[["read"]])
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    used_at: AwareDatetime | None


class NewTokenOut(TokenOut):
    """A new token with its secret, which is shown this once."""

    token: str = Field(examples=["mkt_..."])


@router.get("", operation_id="list_tokens", responses=problems(401, 403, 422))
async def index(db: DbDep, caller: CallerDep, page: PageDep) -> PageOf[TokenOut]:
    """自己的令牌 / One's own tokens."""
    tokens = await db.read(list_tokens, caller, after=page.after_id, limit=page.fetch)
    shown, cursor = page.cut(tokens, lambda token: token.id)
    return PageOf[TokenOut](items=[TokenOut.model_validate(token) for token in shown], next_cursor=cursor)


@router.post("", status_code=201, operation_id="create_token", responses=problems(401, 403, 422))
async def create(body: TokenIn, db: DbDep, caller: CallerDep) -> NewTokenOut:
    """新建令牌，密文只显示这一次 / Makes a token; its secret is shown this once."""
    token, secret = await db.write(
        create_token, caller, name=body.name, scopes=body.scopes, expires_at=body.expires_at
    )
    return NewTokenOut(**TokenOut.model_validate(token).model_dump(), token=secret)


@router.delete(
    "/{token_id}", status_code=204, operation_id="revoke_token", responses=problems(401, 403, 404, 422)
)
async def delete(token_id: UUID, db: DbDep, caller: CallerDep) -> None:
    """撤销令牌，立即生效 / Revokes a token at once."""
    await db.write(revoke_token, caller, token_id)
