"""Steps: organisations register, people sign in and out, tokens are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.smoke.actor import NO_CONTENT, Actor
from app.smoke.steps import Step, expect, expect_equal

if TYPE_CHECKING:
    from app.smoke.journey import Journey

_PASSWORD = "maoyan-zhengji-2026"  # noqa: S105 - of accounts that this run makes for itself
DESKS = ("reviewer", "host", "finance", "registrar", "supervisor")


def _form(name: str, kind: str, uscc: str, login: str) -> dict[str, Any]:
    return {
        "name": name,
        "uscc": uscc,
        "kind": kind,
        "region_code": None,
        "admin": {"login": login, "name": "自检经办人", "password": _PASSWORD},
    }


async def _register(journey: Journey, role: str, name: str, kind: str) -> Actor:
    actor = journey.new_actor(role)
    login = f"smoke-{role}-{journey.run}"
    made = await actor.post("organisations", _form(name, kind, journey.new_credit_code(), login))
    expect_equal(made["organisation"]["name"], name, "name")
    await actor.sign_in(login, _PASSWORD)
    return actor


async def register_seller(journey: Journey) -> None:
    """Registers the seller, after a wrong code was refused."""
    name = f"自检转让方（虚构 {journey.run}）研究院"
    code = journey.new_credit_code()
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    body = _form(name, "institute", wrong, f"smoke-seller-{journey.run}")
    await journey.guest.refused("POST", "organisations", 422, "credit-code-wrong", body=body)
    journey.seller = await _register(journey, "seller", name, "institute")


async def register_buyers(journey: Journey) -> None:
    """Registers two buyers and somebody who stays outside; a code that is taken is refused."""
    for role, word in (("first", "甲"), ("second", "乙"), ("outsider", "丙")):
        name = f"自检买方{word}（虚构 {journey.run}）有限公司"
        setattr(journey, role, await _register(journey, role, name, "company"))
    made = await journey.first.get(f"organisations/{journey.first.organisation_id}")
    body = _form("自检重复（虚构）有限公司", "company", made["uscc"], f"smoke-again-{journey.run}")
    await journey.guest.refused("POST", "organisations", 409, "credit-code-taken", body=body)


async def refuse_wrong_sign_ins(journey: Journey) -> None:
    """A wrong password, a request without its CSRF token and one after the sign-out are refused."""
    body = {"login": f"smoke-seller-{journey.run}", "password": "not-the-password"}
    await journey.guest.refused("POST", "sessions", 401, "wrong-password", body=body)
    outsider = journey.outsider
    session = await outsider.get("sessions/current")
    expect_equal(session["organisation"]["name"], outsider.organisation_name, "organisation")
    csrf = outsider.http.headers.pop("X-CSRF-Token")
    token = {"name": "smoke", "scopes": ["read"]}
    await outsider.refused("POST", "tokens", 403, "csrf-token-wrong", body=token)
    outsider.http.headers["X-CSRF-Token"] = csrf
    response = await outsider.send("DELETE", "sessions/current")
    expect_equal(response.status_code, NO_CONTENT, "sign out")
    await outsider.refused("GET", "tokens", 401)
    await outsider.sign_in(f"smoke-outsider-{journey.run}", _PASSWORD)


async def add_a_person(journey: Journey) -> None:
    """The admin adds a person with a role; that person may not add another."""
    path = f"organisations/{journey.first.organisation_id}/people"
    login = f"smoke-colleague-{journey.run}"
    body = {"login": login, "name": "自检同事", "password": _PASSWORD, "roles": ["bidder"]}
    made = await journey.first.post(path, body)
    expect_equal(made["roles"], ["bidder"], "roles")
    colleague = journey.new_actor("colleague")
    try:
        await colleague.sign_in(login, _PASSWORD)
        another = {**body, "login": f"{login}-2"}
        await colleague.refused("POST", path, 403, "not-permitted", body=another)
    finally:
        await colleague.close()


async def sign_in_at_the_desks(journey: Journey) -> None:
    """The demonstration's posts sign in, and make tokens like everybody."""
    known = {account["login"]: account["password"] for account in journey.market["demo_accounts"]}
    for desk in DESKS:
        login = f"demo-{desk}"
        expect(login in known, f"{login} among the demonstration's accounts", sorted(known))
        actor = journey.new_actor(desk)
        journey.desks[desk] = actor
        await actor.sign_in(login, known[login])
    for actor in (journey.seller, journey.first, journey.second, *journey.desks.values()):
        await actor.use_token()
    await journey.outsider.use_token(["read"])


STEPS = (
    Step(
        "登记转让方，错误的信用代码被拒",
        "register the seller; a wrong credit code is refused",
        register_seller,
    ),
    Step(
        "登记买方，重复的信用代码被拒", "register the buyers; a taken credit code is refused", register_buyers
    ),
    Step(
        "登录、退出；错误密码、缺 CSRF 令牌、退出后的请求被拒",
        "sign in and out; wrong password, missing CSRF token, ended session are refused",
        refuse_wrong_sign_ins,
    ),
    Step("添加人员与角色", "add a person with a role", add_a_person),
    Step("各岗位登录并建立个人令牌", "the desks sign in; everybody makes a token", sign_in_at_the_desks),
)
