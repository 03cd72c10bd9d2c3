"""Sessions: signing in, who is signed in, signing out."""

from uuid import UUID

from fastapi import Response
from pydantic import Field
from starlette.requests import Request

from app.accounts.caller import Caller
from app.accounts.credentials import csrf_token
from app.accounts.queries import get_person
from app.accounts.signing_in import sign_in, sign_out
from app.api.deps import (
    COOKIE,
    CallerDep,
    DbDep,
    OptionalCallerDep,
    SettingsDep,
    Wire,
    address_of,
    own_origin,
)
from app.api.problems import problems
from app.api.routing import Router
from app.api.sign_in_rate import sign_in_rate_of

router = Router(prefix="/sessions", tags=["sessions"])


class SignInIn(Wire):
    """Login and password."""

    login: str = Field(min_length=1, max_length=64, examples=["zhangsan"])
    password: str = Field(min_length=1, max_length=200, examples=["plum-rain-1984"])


class SignedInPerson(Wire):
    """Who is signed in and what he may do."""

    id: UUID
    name: str = Field(examples=["张三"])
    login: str = Field(examples=["zhangsan"])
    roles: list[str] = Field(examples=[["bidder"]])
    permissions: list[str] = Field(examples=[["bid.place"]])


class SignedInOrganisation(Wire):
    """For whom he acts."""

    id: UUID
    name: str = Field(examples=["示例大学"])
    kind: str = Field(examples=["university"])


class SessionOut(Wire):
    """A session; ``csrf_token`` is null for the holder of a personal token, who needs none."""

    person: SignedInPerson
    organisation: SignedInOrganisation
    csrf_token: str | None


def _session_out(caller: Caller, login: str, csrf: str | None) -> SessionOut:
    return SessionOut(
        person=SignedInPerson(
            id=caller.person_id,
            name=caller.name,
            login=login,
            roles=sorted(caller.roles),
            permissions=[str(permission) for permission in caller.permissions()],
        ),
        organisation=SignedInOrganisation(
            id=caller.organisation_id, name=caller.organisation_name, kind=caller.organisation_kind
        ),
        csrf_token=csrf,
    )


@router.post(
    "",
    status_code=201,
    operation_id="sign_in",
    responses=problems(401, 403, 422, 429),
    dependencies=[own_origin],
)
async def create(
    body: SignInIn, db: DbDep, settings: SettingsDep, request: Request, response: Response
) -> SessionOut:
    """登录 / Signs in; the session is the cookie, the CSRF token goes into X-CSRF-Token."""
    address = address_of(request)
    await sign_in_rate_of(request).check(body.login.strip().lower(), address)
    signed_in = await sign_in(
        db, settings, body.login, body.password, address=address, user_agent=request.headers.get("user-agent")
    )
    response.set_cookie(
        COOKIE,
        signed_in.token,
        max_age=settings.session_days * 86400,
        httponly=True,
        samesite="lax",
        secure=settings.public_url.startswith("https://"),
    )
    return _session_out(signed_in.caller, signed_in.login, csrf_token(settings, signed_in.token))


@router.get("/current", operation_id="get_session", responses=problems(401))
async def read(
    db: DbDep, settings: SettingsDep, caller: OptionalCallerDep, request: Request
) -> SessionOut | None:
    """当前登录；无人登录时为 null / Who is signed in; null for a guest, whom this question makes no error of."""
    if caller is None:
        return None
    person = await db.read(get_person, caller.person_id)
    cookie = request.cookies.get(COOKIE) if caller.sign_in_id else None
    return _session_out(caller, person.login, csrf_token(settings, cookie) if cookie else None)


@router.delete("/current", status_code=204, operation_id="sign_out", responses=problems(401, 403))
async def delete(db: DbDep, settings: SettingsDep, caller: CallerDep, response: Response) -> None:
    """退出登录 / Signs out."""
    await db.write(sign_out, caller)
    secure = settings.public_url.startswith("https://")
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=secure)
