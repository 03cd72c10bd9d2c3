"""Tables of parties: organisations, people with roles, sessions and personal tokens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.permissions import Role, Scope
from app.db import Base
from app.ids import uuid7

ORGANISATION_KINDS = {
    "university": "高等院校",
    "institute": "科研院所",
    "company": "企业",
    "inventor": "发明人",
    "exchange": "交易所",
}


# Which law a seller is under (卖方制度类别): 转化法 18, 国资法, 事业国资条例, 民法典 848.
REGIMES = {
    "state_research": "国家设立的研究开发机构、高等院校",
    "soe": "国有及国有控股企业",
    "public_institution_other": "其他事业单位",
    "private_entity": "民营企业、社会组织",
    "natural_person": "自然人",
}


def _one_of(column: str, values: list[str]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class Organisation(Base):
    """A party of the market (机构), or the exchange itself (kind ``exchange``)."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint(_one_of("kind", list(ORGANISATION_KINDS)), name="kind"),
        CheckConstraint("uscc ~ '^[0-9A-HJ-NP-RTUWXY]{18}$'", name="uscc"),
        CheckConstraint("region_code ~ '^[0-9]{6}$'", name="region"),
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint(_one_of("regime", list(REGIMES)), name="regime"),
        CheckConstraint("jurisdiction ~ '^(CN|[0-9]{2}0000)$'", name="jurisdiction"),
        Index("uq_organisation_exchange", "kind", unique=True, postgresql_where=text("kind = 'exchange'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    name: Mapped[str]
    # Whoever registers must have one. It is null for owners known only by name from the patent register.
    uscc: Mapped[str | None] = mapped_column(unique=True)
    kind: Mapped[str]
    nature_code: Mapped[str | None]
    region_code: Mapped[str | None]
    regime: Mapped[str] = mapped_column(server_default="private_entity")
    # Whose local rules hold (所适用的地方规定): a province of GB/T 2260, or the nation's alone.
    jurisdiction: Mapped[str] = mapped_column(server_default="CN")
    # 境外或者外资控制, as it declares when it registers or later; the desk alone takes that back.
    is_foreign: Mapped[bool] = mapped_column(default=False, server_default="false")
    is_fictional: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class Person(Base):
    """One human being acting for one organisation (人员)."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("login = lower(login) AND login <> ''", name="login"),
        CheckConstraint("name <> ''", name="name"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class PersonRole(Base):
    """A role a person has now (人员角色)."""

    __tablename__ = "person_role"
    __table_args__ = (CheckConstraint(_one_of("role", list(Role)), name="role"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)


class SignIn(Base):
    """A session (登录会话); only the hash of its cookie is kept."""

    __tablename__ = "sign_in"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str | None]
    user_agent: Mapped[str | None]


class ApiToken(Base):
    """A personal token (个人令牌) for programs; only its hash and first characters are kept."""

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint(
            f"cardinality(scopes) > 0 AND scopes <@ ARRAY[{', '.join(repr(str(s)) for s in Scope)}]::text[]",
            name="scopes",
        ),
        Index("ix_api_token_person_id_id", "person_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str]
    prefix: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
