"""Bank statements (对账单): files go up, their lines are matched to what they pay, or sent back."""

import hashlib
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import File, Path, Query, UploadFile
from pydantic import Field

from app.accounts.caller import Caller
from app.accounts.permissions import Permission
from app.api.asking import asks
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, SettingsDep, Wire
from app.api.idempotency import MoneyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.lists import Asked
from app.payments.line_matches import return_line
from app.payments.line_queries import (
    LineView,
    MatchView,
    get_line_view,
    get_statement,
    list_lines,
    list_statements,
)
from app.payments.list_shapes import LINES, STATEMENTS
from app.payments.match_rules import Ground, LineStatus, TargetKind
from app.payments.statement_import import StatementFile, import_statement
from app.payments.statement_models import BankStatement
from app.payments.statements.lines import MOST_BYTES
from app.trades.line_matching import decide_match, match_line

router = Router(tags=["bank statements"])

LineId = Annotated[UUID, Path(description="来款 / the statement line's id")]


class BankStatementOut(Wire):
    """An imported file; lines that were known before changed nothing."""

    id: UUID
    account_number: str = Field(examples=["9550880200001234567"])
    filename: str = Field(examples=["流水20261122.csv"])
    file_format: Literal["csv", "camt053"]
    new_lines: int = Field(examples=[12])
    known_lines: int = Field(examples=[3])
    outgoing_lines: int = Field(examples=[5])
    imported_by_name: str
    imported_at: datetime


class LineMatchOut(Wire):
    """What the line pays; one on a ground waits for a second, different person."""

    id: UUID
    target_kind: TargetKind
    target_id: UUID
    reference: str = Field(examples=["YJ123456786"])
    ground: Ground | None
    status: Literal["proposed", "confirmed", "refused"]
    proposed_by_name: str
    is_mine: bool = Field(description="是我提出的，须由别人复核 / I proposed it, so another person decides")
    proposed_at: datetime
    decided_by_name: str | None
    decided_at: datetime | None
    decision_reason: str | None


class SuggestionOut(Wire):
    """What the line may pay, and why it is thought so; ``difference_fen`` is what came above what is due."""

    target_kind: TargetKind
    target_id: UUID
    reference: str = Field(examples=["BZ123456786"])
    party_name: str
    amount_fen: int
    difference_fen: int = Field(examples=[0])
    has_reference: bool
    has_amount: bool
    has_name: bool


class BankLineOut(Wire):
    """Money that came to the bank."""

    id: UUID
    statement_id: UUID
    bank_reference: str = Field(examples=["20261122000187"])
    booked_on: date
    amount_fen: int
    payer_name: str
    payer_account: str
    remark: str
    status: LineStatus
    match: LineMatchOut | None
    suggestions: list[SuggestionOut]


class MatchIn(Wire):
    """What the line pays."""

    target_kind: TargetKind = Field(examples=["payable"])
    target_id: UUID = Field(examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"])


class ReasonIn(Wire):
    """Why."""

    reason: str = Field(min_length=2, max_length=500, examples=["付款方付错了户头。"])


class MatchDecisionIn(ReasonIn):
    """What the second person decided."""

    is_confirmed: bool = Field(examples=[True])


class _Upload(Wire):
    """What makes two uploads the same request."""

    filename: str
    sha256: str


def _statement_out(row: tuple[BankStatement, str]) -> BankStatementOut:
    statement, name = row
    plain = {
        field: getattr(statement, field)
        for field in BankStatementOut.model_fields
        if field != "imported_by_name"
    }
    return BankStatementOut(**plain, imported_by_name=name)


def _match_out(match: MatchView | None, caller: Caller) -> LineMatchOut | None:
    if match is None:
        return None
    plain = {name: getattr(match, name) for name in LineMatchOut.model_fields if name != "is_mine"}
    return LineMatchOut(**plain, is_mine=match.proposed_by == caller.person_id)


def _line_out(view: LineView, caller: Caller) -> BankLineOut:
    line = view.line
    return BankLineOut(
        id=line.id,
        statement_id=line.statement_id,
        bank_reference=line.bank_reference,
        booked_on=line.booked_on,
        amount_fen=line.amount_fen,
        payer_name=line.payer_name,
        payer_account=line.payer_account,
        remark=line.remark,
        status=LineStatus(line.status),
        match=_match_out(view.match, caller),
        suggestions=[
            SuggestionOut(
                target_kind=one.target.kind,
                target_id=one.target.id,
                reference=one.target.reference,
                party_name=one.target.party_name,
                amount_fen=one.target.amount_fen,
                difference_fen=line.amount_fen - one.target.amount_fen,
                has_reference=one.has_reference,
                has_amount=one.has_amount,
                has_name=one.has_name,
            )
            for one in view.suggestions
        ],
    )


@router.post(
    "/bank-statements",
    status_code=201,
    operation_id="import_bank_statement",
    responses=problems(401, 403, 409, 422),
)
async def import_file(
    file: Annotated[
        UploadFile,
        File(description="CSV（UTF-8 或 GB18030）或 ISO 20022 camt.053，至多 4 MiB / at most 4 MiB"),
    ],
    db: DbDep,
    caller: CallerDep,
    settings: SettingsDep,
    key: MoneyKeyDep,
) -> BankStatementOut:
    """Imports a statement of the settlement account, whole or not at all; its money goes into suspense."""
    caller.require(Permission.DEPOSIT_CONFIRM)
    content = await file.read(MOST_BYTES + 1)
    upload = StatementFile(file.filename or "statement", content, settings.deposit_account_number)
    made = await db.write(
        once,
        caller,
        key,
        "import_bank_statement",
        _Upload(filename=upload.filename, sha256=hashlib.sha256(content).hexdigest()),
        lambda session: import_statement(session, caller, upload),
    )
    return _statement_out(await db.read(get_statement, caller, made))


@router.get("/bank-statements", operation_id="list_bank_statements", responses=problems(401, 403, 422))
async def statements(
    db: DbDep, caller: CallerDep, page: PageDep, asked: Annotated[Asked, asks(STATEMENTS)]
) -> PageOf[BankStatementOut]:
    """Lists imported statements, the newest first or as asked."""
    rows = await db.read(list_statements, caller, asked.at(page.after, page.fetch))
    shown, next_cursor = page.cut(rows, lambda row: STATEMENTS.key(row[0], asked))
    return PageOf[BankStatementOut](items=[_statement_out(row) for row in shown], next_cursor=next_cursor)


@router.get("/bank-lines", operation_id="list_bank_lines", responses=problems(401, 403, 422))
async def lines(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    asked: Annotated[Asked, asks(LINES)],
    status: Annotated[LineStatus | None, Query()] = None,
    statement_id: Annotated[UUID | None, Query()] = None,
) -> PageOf[BankLineOut]:
    """Lists money that came, with what it pays or probably pays, the newest first or as asked."""
    rows = await db.read(
        list_lines,
        caller,
        status=status,
        statement_id=statement_id,
        asked=asked.at(page.after, page.fetch),
    )
    shown, next_cursor = page.cut(rows, lambda view: LINES.key(view.line, asked))
    return PageOf[BankLineOut](items=[_line_out(view, caller) for view in shown], next_cursor=next_cursor)


@router.get("/bank-lines/{line_id}", operation_id="get_bank_line", responses=problems(401, 403, 404, 422))
async def line(line_id: LineId, db: DbDep, caller: CallerDep) -> BankLineOut:
    """Reads one line with what it pays or probably pays."""
    return _line_out(await db.read(get_line_view, caller, line_id), caller)


@router.post(
    "/bank-lines/{line_id}/matches",
    status_code=201,
    operation_id="match_bank_line",
    responses=problems(401, 403, 404, 409, 422),
)
async def match(
    line_id: LineId, body: MatchIn, db: DbDep, caller: CallerDep, key: MoneyKeyDep
) -> BankLineOut:
    """Matches the line to what it pays; where a second person has to look, it is held until then."""
    await db.write(
        once,
        caller,
        key,
        "match_bank_line",
        body,
        lambda session: match_line(session, caller, line_id, body.target_kind, body.target_id),
        subject=line_id,
    )
    return _line_out(await db.read(get_line_view, caller, line_id), caller)


@router.post(
    "/bank-lines/{line_id}/returns",
    status_code=201,
    operation_id="return_bank_line",
    responses=problems(401, 403, 404, 409, 422),
)
async def give_back(
    line_id: LineId, body: ReasonIn, db: DbDep, caller: CallerDep, key: MoneyKeyDep
) -> BankLineOut:
    """Orders that a line which pays nothing is sent back to the account it came from."""
    await db.write(
        once,
        caller,
        key,
        "return_bank_line",
        body,
        lambda session: return_line(session, caller, line_id, body.reason),
        subject=line_id,
    )
    return _line_out(await db.read(get_line_view, caller, line_id), caller)


@router.post(
    "/line-matches/{match_id}/decisions",
    status_code=201,
    operation_id="decide_line_match",
    responses=problems(401, 403, 404, 409, 422),
)
async def decide(
    match_id: Annotated[UUID, Path(description="匹配 / the match's id")],
    body: MatchDecisionIn,
    db: DbDep,
    caller: CallerDep,
    key: MoneyKeyDep,
) -> BankLineOut:
    """Confirms or refuses a proposed match, as somebody else than who proposed it."""
    made = await db.write(
        once,
        caller,
        key,
        "decide_line_match",
        body,
        lambda session: decide_match(
            session, caller, match_id, is_confirmed=body.is_confirmed, reason=body.reason
        ),
        subject=match_id,
    )
    return _line_out(await db.read(get_line_view, caller, made), caller)
