"""Tables of the catalogue: patents, and imports with the rows they refused."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.catalog.classification import IPC_FORM, LOCARNO_FORM
from app.db import Base
from app.ids import uuid7

# Numbers of 1985 to 1988 were given without a check digit.
APPLICATION_NUMBER_FORM = r"^CN(8[5-8][0-9]{6}|([0-9]{8}|[0-9]{12})\.[0-9X])$"
PATENT_NUMBER_FORM = r"^CN[0-9]{7,9}[A-Z][0-9]?$"


class Patent(Base):
    """A patent or patent application (专利) as its bibliographic record tells; nothing here verifies its legal status.

    ``owner_organisation_id`` is the organisation that brought it in and may list it; null is the exchange's own
    catalogue record (交易所目录记录).
    """

    __tablename__ = "patent"
    __table_args__ = (
        CheckConstraint(f"application_no ~ '{APPLICATION_NUMBER_FORM}'", name="application_no"),
        CheckConstraint("char_length(title) BETWEEN 1 AND 500", name="title"),
        CheckConstraint("patent_type IN ('invention', 'utility_model', 'design')", name="patent_type"),
        # The Patent Law has been in force since 1 April 1985.
        CheckConstraint("filing_on >= DATE '1985-04-01'", name="filing_on"),
        CheckConstraint(f"ipc_main ~ '{IPC_FORM}' OR ipc_main ~ '{LOCARNO_FORM}'", name="ipc_main"),
        CheckConstraint("char_length(applicant) BETWEEN 1 AND 500", name="applicant"),
        CheckConstraint(f"patent_no ~ '{PATENT_NUMBER_FORM}'", name="patent_no"),
        CheckConstraint(
            "applicant IS NOT NULL OR 'applicant_withheld' = ANY (marks)", name="applicant_withheld"
        ),
        CheckConstraint(
            r"application_no LIKE '%.%' OR 'no_check_digit' = ANY (marks)", name="no_check_digit"
        ),
        # A number of before 1989 is the same with and without its check digit.
        Index("uq_patent_number", text("split_part(application_no, '.', 1)"), unique=True),
        Index("ix_patent_owner", "owner_organisation_id", "id"),
        Index("ix_patent_ipc_main", "ipc_main", postgresql_ops={"ipc_main": "text_pattern_ops"}),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    application_no: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    patent_type: Mapped[str]
    filing_on: Mapped[date]
    ipc_main: Mapped[str]
    applicant: Mapped[str | None]
    patent_no: Mapped[str | None]
    owner_organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    marks: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    source: Mapped[str]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class PatentImport(Base):
    """One file of patents (批量导入) and how far it has come.

    ``total`` is null until the file has been read; ``done`` = ``accepted`` + ``unchanged`` + ``refused``. The uploaded
    bytes stay in ``content`` only until they have been read.
    """

    __tablename__ = "patent_import"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'running', 'done', 'failed')", name="status"),
        CheckConstraint("done = accepted + unchanged + refused", name="done"),
        CheckConstraint("total IS NULL OR done <= total", name="total"),
        CheckConstraint("status <> 'failed' OR problem IS NOT NULL", name="problem"),
        CheckConstraint("status IN ('waiting', 'running') OR content IS NULL", name="content"),
        Index("ix_patent_import_organisation", "organisation_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    organisation_name: Mapped[str | None]  # as it was when the file came
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    filename: Mapped[str]
    file_sha256: Mapped[str]
    file_format: Mapped[str | None]
    encoding: Mapped[str | None]
    status: Mapped[str] = mapped_column(server_default="waiting")
    total: Mapped[int | None]
    done: Mapped[int] = mapped_column(server_default="0")
    accepted: Mapped[int] = mapped_column(server_default="0")
    unchanged: Mapped[int] = mapped_column(server_default="0")
    refused: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    finished_at: Mapped[datetime | None]


class PatentImportPage(Base):
    """A page of rows that were read from an uploaded file and wait to be judged; gone when they are."""

    __tablename__ = "patent_import_page"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("patent_import.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    rows: Mapped[list[Any]] = mapped_column(JSON)


class PatentImportRefusal(Base):
    """A row that was not taken (未受理行), with the reason in both languages and the row as it came.

    ``row`` is JSON and not JSONB, which would forget the order of its columns.
    """

    __tablename__ = "patent_import_refusal"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("patent_import.id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    reason_zh: Mapped[str]
    reason_en: Mapped[str]
    row: Mapped[dict[str, Any]] = mapped_column(JSON)
