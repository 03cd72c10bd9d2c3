"""Statements before they are imported: what a file holds, and what would stand in its way. Nothing is written."""

from datetime import date
from typing import Annotated, Literal

from fastapi import File, UploadFile
from pydantic import Field

from app.accounts.permissions import Permission
from app.api.deps import CallerDep, DbDep, LangDep, SettingsDep, Wire
from app.api.problems import problems
from app.api.routing import Router
from app.errors import Lang
from app.payments.statement_import import StatementFile
from app.payments.statement_preview import Preview, SeenLine, preview_statement
from app.payments.statements.lines import MOST_BYTES, StatementLine

router = Router(tags=["bank statements"])
_MOST_FAULTS = 100


class PreviewLineOut(Wire):
    """A line as it was read; ``pays`` is the reference of something due that its remark names."""

    direction: Literal["in", "out"]
    bank_reference: str = Field(examples=["20261122000187"])
    booked_on: date
    amount_fen: int
    other_name: str = Field(examples=["虚构买方有限公司"])
    other_account: str
    remark: str
    is_known: bool
    pays: str | None = Field(examples=["BZ123456786"])


class RefusedRowOut(Wire):
    """A row that could not be read, and why."""

    row: int = Field(examples=[7])
    detail: str = Field(examples=["对账单读不了（第 7 行）：金额“x”。"])


class StatementPreviewOut(Wire):
    """What importing the file would do; with an ``obstacle`` nothing of it would be imported."""

    filename: str
    file_format: Literal["csv", "camt053"]
    account_number: str | None
    expected_account: str
    new_lines: int
    new_fen: int
    known_lines: int
    outgoing_lines: int
    lines: list[PreviewLineOut] = Field(description="至多 200 条 / at most 200")
    refused: list[RefusedRowOut]
    obstacle: str | None
    obstacle_code: str | None = Field(examples=["statement-page-repeated"])


def _line(seen: SeenLine) -> PreviewLineOut:
    line = seen.line
    name, account = (
        (line.payer_name, line.payer_account)
        if isinstance(line, StatementLine)
        else (line.payee_name, line.payee_account)
    )
    return PreviewLineOut(
        direction="in" if seen.has_come else "out",
        bank_reference=line.bank_reference,
        booked_on=line.booked_on,
        amount_fen=line.amount_fen,
        other_name=name,
        other_account=account,
        remark=line.remark,
        is_known=seen.is_known,
        pays=seen.pays,
    )


def _out(preview: Preview, file: StatementFile, lang: Lang) -> StatementPreviewOut:
    read = preview.statement
    return StatementPreviewOut(
        filename=file.filename,
        file_format=read.file_format,
        account_number=read.account_number,
        expected_account=file.account_number,
        new_lines=preview.new_lines,
        new_fen=preview.new_fen,
        known_lines=preview.known_lines,
        outgoing_lines=read.outgoing,
        lines=[_line(seen) for seen in preview.lines],
        refused=[
            RefusedRowOut(row=fault.row, detail=fault.what_zh if lang == "zh" else fault.what_en)
            for fault in preview.refused[:_MOST_FAULTS]
        ],
        obstacle=preview.obstacle.detail(lang) if preview.obstacle else None,
        obstacle_code=preview.obstacle.code if preview.obstacle else None,
    )


@router.post(
    "/bank-statement-previews",
    operation_id="preview_bank_statement",
    responses=problems(401, 403, 422),
)
async def preview(
    file: Annotated[
        UploadFile,
        File(description="CSV（UTF-8 或 GB18030）或 ISO 20022 camt.053，至多 4 MiB / at most 4 MiB"),
    ],
    db: DbDep,
    caller: CallerDep,
    settings: SettingsDep,
    lang: LangDep,
) -> StatementPreviewOut:
    """Reads a statement as importing it would, and writes nothing."""
    caller.require(Permission.DEPOSIT_CONFIRM)
    content = await file.read(MOST_BYTES + 1)
    upload = StatementFile(file.filename or "statement", content, settings.deposit_account_number)
    return _out(await db.read(preview_statement, caller, upload), upload, lang)
