"""Copies of the contract and of the deal confirmation."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from app.accounts.permissions import Role
from app.accounts.queries import list_person_names
from app.api import papers
from app.api.problems import install_problems
from app.contracts.copies import render_confirmation, render_contract
from app.contracts.queries import list_signatures
from app.money import yuan
from app.trades.queries import get_deal
from tests.contracts.test_certificate import open_pdf, text_of
from tests.make_accounts import make_caller, make_token
from tests.make_contracts import make_contract
from tests.make_trades import make_buyer

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Database, Session
    from app.settings import Settings
    from tests.make_contracts import Agreed


async def contract_pdf(session: Session, *, signed: bool) -> tuple[bytes, dict[str, str]]:
    agreed = await make_contract(session, signed=signed)
    contract = agreed.contract
    signatures = (await list_signatures(session, [contract.id])).get(contract.id, [])
    people = await list_person_names(session, [each.person_id for each in signatures])
    words = {"digest": contract.document_sha256, "number": contract.contract_no, "buyer": agreed.buyer.name}
    return render_contract(contract, signatures, people), words


async def test_a_copy_of_the_contract_has_text_digest_and_signatures(session: Session) -> None:
    pdf, words = await contract_pdf(session, signed=True)
    text = text_of(pdf)
    assert "第一条" in text
    assert "技术转让合同（专利权转让）" in text
    assert "双方均已签署，合同生效" in text
    assert words["buyer"] in text
    pages = len(open_pdf(pdf)[1])
    assert text.count(words["digest"]) == pages
    assert f"共{pages}页" in text


async def test_a_copy_before_signing_says_who_has_not_signed(session: Session) -> None:
    pdf, _ = await contract_pdf(session, signed=False)
    assert "尚待让与人、受让人签署，合同未生效" in text_of(pdf)


async def test_a_copy_of_the_confirmation_says_what_was_recorded(session: Session) -> None:
    agreed = await make_contract(session)
    deal = await get_deal(session, agreed.contract.deal_id)
    pdf = render_confirmation(deal, "技术交易市场")
    text = text_of(pdf)
    for must in (
        "成交确认书",
        deal.deal_no,
        yuan(deal.price_fen),
        agreed.seller.organisation_name,
        agreed.buyer.organisation_name,
        deal.confirmation_sha256,
    ):
        assert must in text
    assert len(open_pdf(pdf)[1]) == 1
    assert hashlib.sha256(pdf).digest() == hashlib.sha256(render_confirmation(deal, "技术交易市场")).digest()


@pytest.mark.parametrize(
    ("who", "contract", "confirmation"),
    [
        ("guest", 401, 401),
        ("stranger", 404, 404),
        ("buyer", 200, 200),
        ("registrar", 200, 200),
        ("finance", 403, 200),
    ],
)
async def test_copies_are_for_both_sides_and_the_desks_that_need_them(
    db: Database, settings: Settings, who: str, contract: int, confirmation: int
) -> None:
    async def make(session: Session) -> tuple[Agreed, str]:
        agreed = await make_contract(session, signed=True)
        callers: dict[str, Caller] = {
            "stranger": await make_buyer(session),
            "buyer": agreed.buyer,
            "registrar": await make_caller(session, Role.REGISTRAR),
            "finance": await make_caller(session, Role.FINANCE),
        }
        return agreed, await make_token(session, callers[who]) if who in callers else ""

    agreed, token = await db.write(make)
    app = FastAPI()
    app.state.db, app.state.settings = db, settings
    install_problems(app)
    app.include_router(papers.router)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = ASGITransport(app=app)
    async with AsyncClient(transport=transport, base_url="http://market.test", headers=headers) as http:
        copy = await http.get(f"/contracts/{agreed.contract.id}/pdf")
        assert copy.status_code == contract, copy.text
        other = await http.get(f"/deals/{agreed.contract.deal_id}/confirmation")
        assert other.status_code == confirmation, other.text
    if contract == 200:
        assert copy.content.startswith(b"%PDF-")
        assert agreed.contract.contract_no in copy.headers["content-disposition"]
