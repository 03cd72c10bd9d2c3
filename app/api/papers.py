"""Copies as PDF of the contract and of the deal confirmation; no transaction is open while they are set."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Response

from app.accounts.caller import Caller
from app.accounts.queries import list_person_names
from app.api.deps import CallerDep, DbDep, SettingsDep
from app.api.problems import problems
from app.api.routing import Router
from app.contracts.copies import render_confirmation, render_contract
from app.contracts.models import Contract, Signature
from app.contracts.queries import get_contract, list_signatures
from app.db import AnySession
from app.trades.queries import get_deal_view

router = Router(tags=["papers"])
# Two pages at a time on two cores: a crowd that wants copies must not take the bids' time.
_PRESS = asyncio.Semaphore(2)
PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


async def print_paper(render: Callable[..., bytes], *args: Any, name: str) -> Response:  # noqa: ANN401 - passed on
    """Sets a paper in a thread, two at a time, and answers with it."""
    async with _PRESS:
        pdf = await asyncio.to_thread(render, *args)
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "private, no-store"}
    return Response(pdf, media_type="application/pdf", headers=headers)


async def _read(
    session: AnySession, caller: Caller, contract_id: UUID
) -> tuple[Contract, list[Signature], dict[UUID, str]]:
    contract = await get_contract(session, caller, contract_id)
    signatures = (await list_signatures(session, [contract_id])).get(contract_id, [])
    return contract, signatures, await list_person_names(session, [each.person_id for each in signatures])


@router.get(
    "/contracts/{contract_id}/pdf",
    operation_id="download_contract",
    response_class=Response,
    responses={**PDF, **problems(401, 403, 404, 422)},
)
async def contract_copy(
    contract_id: Annotated[UUID, Path(description="合同 / the contract's id")], db: DbDep, caller: CallerDep
) -> Response:
    """Downloads the contract with the record of its signatures as PDF."""
    contract, signatures, people = await db.read(_read, caller, contract_id)
    return await print_paper(render_contract, contract, signatures, people, name=contract.contract_no)


@router.get(
    "/deals/{deal_id}/confirmation",
    operation_id="download_deal_confirmation",
    response_class=Response,
    responses={**PDF, **problems(401, 403, 404, 422)},
)
async def confirmation_copy(
    deal_id: Annotated[UUID, Path(description="成交 / the deal's id")],
    db: DbDep,
    caller: CallerDep,
    settings: SettingsDep,
) -> Response:
    """Downloads the deal confirmation as PDF."""
    deal = (await db.read(get_deal_view, caller, deal_id)).deal
    return await print_paper(render_confirmation, deal, settings.exchange_name_zh, name=deal.deal_no)
