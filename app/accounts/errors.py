"""What can be wrong with a party, a person, a session or a token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from app.accounts.permissions import ROLE_ZH, Role
from app.errors import Conflict, Forbidden, Invalid, Missing, TooMany, Unauthenticated

if TYPE_CHECKING:
    from app.errors import Lang


@dataclass(eq=False)
class NotPermitted(Forbidden):
    """Your roles do not carry this permission."""

    permission: str
    needs_roles: list[str]

    def detail(self, lang: Lang) -> str:
        """Names the roles that would do; none would when the whole side is shut out."""
        if not self.needs_roles:
            if lang == "zh":
                return "你所在的一方不能做这一步：交易所人员不能出让、竞买或签约，交易方不能办理交易所的岗位业务。"
            return "Your side cannot do this: the exchange never lists, bids or signs, and no party works at its desks."
        if lang == "zh":
            names = "、".join(f"{ROLE_ZH[Role(role)]}（{role}）" for role in self.needs_roles)
            return f"你的角色不能做这一步，需要其中之一：{names}。请联系本机构管理员。"
        return f"Your roles do not allow this. One of these would: {', '.join(self.needs_roles)}. Ask your admin."


@dataclass(eq=False)
class TokenTooNarrow(Forbidden):
    """This token is too narrow for this step."""

    zh = "这枚令牌的范围不够：这一步需要范围 {needs_scope}。请另建一枚令牌，或登录后操作。"
    en = "This token is too narrow: this needs the scope {needs_scope}. Make another token, or sign in."
    permission: str
    needs_scope: str


@dataclass(eq=False)
class SessionNeeded(Forbidden):
    """This step needs a signed-in person, not a token."""

    zh = "这一步不能用令牌，请用账号登录后操作。"
    en = "No token can do this. Sign in with your login and password."


@dataclass(eq=False)
class SignInRequired(Unauthenticated):
    """You are not signed in."""

    zh = "请先登录，或在 Authorization 头中给出有效的令牌。"
    en = "Sign in first, or give a valid token in the Authorization header."


@dataclass(eq=False)
class SessionEnded(Unauthenticated):
    """Your session has ended."""

    zh = "登录已结束或已过期，请重新登录。"
    en = "Your session has ended or expired. Sign in again."


@dataclass(eq=False)
class TokenRefused(Unauthenticated):
    """This token is not valid."""

    zh = "令牌无效：不存在、已撤销或已过期。请检查 Authorization 头，或登录后新建令牌。"
    en = "This token does not exist, was revoked or has expired. Check the Authorization header, or make a new token."


@dataclass(eq=False)
class WrongPassword(Unauthenticated):
    """The login or the password is wrong."""

    zh = "账号或密码不对。请检查后重试。"
    en = "The login or the password is wrong. Check both and try again."


@dataclass(eq=False)
class SignInsTooMany(TooMany):
    """Too many attempts."""

    zh = "尝试过于频繁，请 {retry_after_seconds} 秒后再试。"
    en = "Too many attempts. Try again in {retry_after_seconds} seconds."
    retry_after_seconds: int


@dataclass(eq=False)
class CsrfTokenWrong(Forbidden):
    """The CSRF token is missing or wrong."""

    zh = "缺少 X-CSRF-Token 头，或它与本次登录不符。请带上登录时得到的 csrf_token 后重试。"
    en = (
        "The X-CSRF-Token header is missing or not this session's. Send the csrf_token that sign-in gave you."
    )


@dataclass(eq=False)
class OriginForeign(Forbidden):
    """The request comes from another site."""

    zh = "请求来自其他网站（{origin}），已拒绝。请在本站页面上操作。"
    en = "The request comes from another site ({origin}) and was refused. Use this market's own pages."
    origin: str


_CREDIT_CODE: dict[str, tuple[str, str]] = {
    "alphabet": (
        "第 {position} 位“{found}”不是代码字符（只用数字和除 I、O、Z、S、V 外的大写字母）{hint_zh}。",
        "Character {position}, {found}, is none of the code's (digits and capitals without I, O, Z, S, V){hint_en}.",
    ),
    "length": (
        "统一社会信用代码应为 18 位，现为 {found} 位。",
        "A credit code has 18 characters; this has {found}.",
    ),
    "department": (
        "第 1 位“{found}”不是登记管理部门代码，应为 {expected} 之一。",
        "Character 1, {found}, names no registering department; it must be one of {expected}.",
    ),
    "region": (
        "第 {position} 位“{found}”应为数字：第 3 至 8 位是行政区划码。",
        "Character {position}, {found}, must be a digit: characters 3 to 8 are the region's code.",
    ),
    "check": (
        "第 18 位校验码应为 {expected}，现为 {found}；若末位无误，则前 17 位中有抄错，请对照证照核对。",
        "Character 18, the check, must be {expected} and is {found}; or one of the 17 before it was miscopied.",
    ),
}


@dataclass(eq=False)
class CreditCodeWrong(Invalid):
    """The unified social credit code is wrong."""

    reason: str
    found: str
    position: int | None = None
    expected: str | None = None

    def detail(self, lang: Lang) -> str:
        """Which character is wrong and what it should be."""
        template = _CREDIT_CODE[self.reason][0 if lang == "zh" else 1]
        hint_zh = f"，可能是 {self.expected}" if self.expected else ""
        hint_en = f"; perhaps it is {self.expected}" if self.expected else ""
        return template.format(**self.members(), hint_zh=hint_zh, hint_en=hint_en)


@dataclass(eq=False)
class CreditCodeTaken(Conflict):
    """An organisation with this credit code is registered already."""

    zh = "统一社会信用代码 {uscc} 已经登记过。请联系该机构的管理员为你开通账号，不要重复登记。"
    en = "An organisation with the credit code {uscc} is registered already. Ask its admin to add you."
    uscc: str


@dataclass(eq=False)
class LoginTaken(Conflict):
    """This login is taken."""

    zh = "登录名 {login} 已被使用，请换一个。"
    en = "The login {login} is taken. Choose another."
    login: str


@dataclass(eq=False)
class LoginWrong(Invalid):
    """The login has characters it may not have."""

    zh = "登录名应为 3 至 64 个字符，以字母或数字开头，只用字母、数字和 . _ @ -。"
    en = "A login has 3 to 64 characters, starts with a letter or digit, and uses only letters, digits and . _ @ -."


@dataclass(eq=False)
class PasswordWeak(Invalid):
    """This password is too easy to guess."""

    zh = "密码应为 {shortest} 至 {longest} 个字符，至少有 5 个不同的字符，且不含登录名。"
    en = "A password has {shortest} to {longest} characters, at least 5 different ones, and not the login in it."
    shortest: int
    longest: int


@dataclass(eq=False)
class ExchangeNotRegistrable(Forbidden):
    """The exchange cannot be registered."""

    zh = "交易所自身的机构和岗位账号不能公开登记，由运营方用 market staff 命令开通。"
    en = "The exchange and its desks cannot be registered here; its operator adds them with the market staff command."


@dataclass(eq=False)
class RoleUnfit(Invalid):
    """This role does not exist on that side."""

    zh = "角色 {role} 不适用于这类机构。可用的角色：{fit}。"
    en = "The role {role} does not exist for this kind of organisation. Roles that do: {fit}."
    role: str
    fit: str


@dataclass(eq=False)
class LastAdmin(Conflict):
    """An organisation keeps at least one admin."""

    zh = "这是本机构最后一位管理员，不能取消。请先让另一位成员担任管理员。"
    en = "This is the organisation's last admin. Make somebody else an admin first."


@dataclass(eq=False)
class OrganisationMissing(Missing):
    """There is no such organisation."""

    organisation_id: UUID


@dataclass(eq=False)
class PersonMissing(Missing):
    """There is no such person, or he is not of your organisation."""

    person_id: UUID


@dataclass(eq=False)
class TokenMissing(Missing):
    """There is no such token, or it is not yours."""

    token_id: UUID


@dataclass(eq=False)
class TokenExpiryWrong(Invalid):
    """The token's expiry is not acceptable."""

    zh = "到期时间应晚于现在，且不超过 {longest_days} 天。"
    en = "The expiry must be later than now and at most {longest_days} days away."
    longest_days: int


@dataclass(eq=False)
class ScopeUnfit(Invalid):
    """A token needs at least one known scope."""

    zh = "令牌至少要有一个范围，可用的范围：{fit}。"
    en = "A token needs at least one scope, of these: {fit}."
    fit: str


@dataclass(eq=False)
class LoginUnknown(Missing):
    """Nobody has this login."""

    zh = "没有登录名为“{login}”的人员。"
    en = "Nobody has the login “{login}”."
    login: str


@dataclass(eq=False)
class RegimeUnfit(Invalid):
    """The regime does not fit the kind of organisation."""

    zh = "{kind} 不能登记为 {regime}：自然人制度只用于发明人，其他制度只用于单位。"
    en = "A party of the kind {kind} cannot be {regime}: natural persons are inventors, the others organisations."
    kind: str
    regime: str


@dataclass(eq=False)
class ReasonTooShort(Invalid):
    """The change needs a reason of some words."""

    zh = "请写明更改的理由，至少 {shortest} 个字。"
    en = "Give the reason for the change in at least {shortest} characters."
    shortest: int
