"""Imports on a real PostgreSQL: all real records, the same again, bad rows, owners, tasks that run twice."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import time
from typing import TYPE_CHECKING

import orjson
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.catalog import tasks
from app.catalog.errors import CheckDigitWrong, DiffersFromRecord, PatentAlreadyRecorded
from app.catalog.files import open_patent_file
from app.catalog.importing import finish_import, in_pages, start_catalogue_import, start_upload, take_rows
from app.catalog.models import Patent, PatentImport, PatentImportPage, PatentImportRefusal
from app.catalog.queries import list_refused_headings
from app.catalog.registering import register_patent
from app.catalog.tasks import PAGE_TASK, read_patent_import, take_patent_import_page
from app.tasks import TaskRow
from tests.make_accounts import make_caller
from tests.make_catalog import (
    FACTS,
    OFFICE_EXPORT,
    json_lines,
    keep_promise,
    keep_promises,
    make_patent,
    workbook,
    written_patent,
)

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Database, Session


async def bring(session: Session, content: bytes, filename: str = "专利.jsonl") -> PatentImport:
    """Brings a file into the exchange's catalogue, as the command line does."""
    file = open_patent_file(io.BytesIO(content))
    import_id = await start_catalogue_import(session, filename, "0" * 64, file, file.count_rows())
    for page in in_pages(file.rows()):
        await take_rows(session, import_id, page)
    return await finish_import(session, import_id)


async def refusals(session: Session, import_id: UUID) -> dict[int, str]:
    query = select(PatentImportRefusal.line_no, PatentImportRefusal.code).where(
        PatentImportRefusal.import_id == import_id
    )
    return {row.line_no: row.code for row in (await session.execute(query)).all()}


def counts(done: PatentImport) -> tuple[int, int, int, int]:
    return done.done, done.accepted, done.unchanged, done.refused


async def upload(db: Database, caller: Caller, content: bytes) -> UUID:
    return await db.write(start_upload, caller, "清单.csv", content, hashlib.sha256(content).hexdigest())


async def load(db: Database, import_id: UUID) -> PatentImport:
    async def get(session: Session) -> PatentImport:
        return await session.get_one(PatentImport, import_id)

    return await db.read(get)


async def count(db: Database, table: type) -> int:
    async def ask(session: Session) -> int:
        return (await session.execute(select(func.count()).select_from(table))).scalar_one()

    return await db.read(ask)


async def test_all_real_records_go_in_quickly_and_the_same_again_changes_nothing(session: Session) -> None:
    started = time.monotonic()
    first = await bring(session, FACTS.read_bytes())
    seconds = time.monotonic() - started
    assert counts(first) == (5910, 5910, 0, 0)
    assert seconds < 60, f"{seconds:.1f} s"
    again = await bring(session, FACTS.read_bytes())
    assert counts(again) == (5910, 0, 5910, 0)
    old = (await session.execute(select(Patent).where(Patent.application_no == "CN85102475"))).scalar_one()
    assert set(old.marks) == {"legal_status_unverified", "no_check_digit"}
    withheld = select(func.count()).where(Patent.applicant.is_(None))
    assert (await session.execute(withheld)).scalar_one() == 3225
    owned = select(func.count()).where(Patent.owner_organisation_id.is_not(None))
    assert (await session.execute(owned)).scalar_one() == 0


async def test_the_patent_offices_export_goes_in_and_the_same_as_csv_and_excel_changes_nothing(
    session: Session,
) -> None:
    assert counts(await bring(session, OFFICE_EXPORT.read_bytes())) == (30, 30, 0, 0)
    rows = [orjson.loads(line) for line in OFFICE_EXPORT.read_bytes().splitlines()]
    headings = list(rows[0])
    as_csv = "\r\n".join(
        ",".join(f'"{cell}"' for cell in line) for line in [headings, *(row.values() for row in rows)]
    )
    assert counts(await bring(session, as_csv.encode("gb18030"))) == (30, 0, 30, 0)
    excel = workbook(headings, [list(row.values()) for row in rows])
    assert counts(await bring(session, excel)) == (30, 0, 30, 0)


async def test_a_bad_row_stops_no_other_and_is_kept_with_line_reason_and_content(session: Session) -> None:
    rows = [
        written_patent(1),
        written_patent(2, application_no="CN201510000002.0"),
        written_patent(3, filing_on="明天"),
        {"title": "没有申请号", "备注": "\x00x"},
        written_patent(5, ipc_main="电池"),
        written_patent(6),
    ]
    done = await bring(session, json_lines(rows))
    assert counts(done) == (6, 2, 0, 4)
    assert await refusals(session, done.id) == {
        2: "check-digit-wrong",
        3: "date-malformed",
        4: "fact-missing",
        5: "classification-malformed",
    }
    kept = await session.get_one(PatentImportRefusal, (done.id, 2))
    assert "应为" in kept.reason_zh
    assert "should be" in kept.reason_en
    assert kept.row == rows[1]
    assert (await session.get_one(PatentImportRefusal, (done.id, 4))).row["备注"] == "\ufffdx"
    headings = await list_refused_headings(session, done.id)
    assert headings[0] == "application_no"
    assert set(headings) == {*rows[0], "备注"}


async def test_other_facts_are_refused_by_name_and_the_record_stays(session: Session) -> None:
    await bring(session, json_lines([written_patent(1)]))
    done = await bring(
        session, json_lines([written_patent(1, title="换了名称"), written_patent(1, applicant="")])
    )
    assert counts(done) == (2, 0, 1, 1)
    kept = await session.get_one(PatentImportRefusal, (done.id, 1))
    assert kept.code == "differs-from-record"
    assert "名称" in kept.reason_zh
    assert "换了名称" in kept.reason_en
    assert (await session.execute(select(Patent.title))).scalar_one() == "一种储能装置1"


async def test_the_first_of_two_rows_with_one_number_counts(session: Session) -> None:
    rows = [written_patent(1), written_patent(1), written_patent(1, title="另一件")]
    done = await bring(session, json_lines(rows))
    assert counts(done) == (3, 1, 1, 1)
    assert await refusals(session, done.id) == {3: "differs-from-record"}


async def test_an_old_number_is_the_same_with_and_without_its_check_digit(session: Session) -> None:
    row = written_patent(1, application_no="CN85102475", filing_on="1985-04-01")
    done = await bring(session, json_lines([row, {**row, "application_no": "CN85102475.0"}]))
    assert counts(done) == (2, 1, 1, 0)
    assert counts(await bring(session, json_lines([{**row, "application_no": "85102475.0"}]))) == (1, 0, 1, 0)


async def test_a_file_uploaded_by_a_seller_is_taken_by_tasks_page_by_page(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "PAGE_ROWS", 2)
    caller = await db.write(make_caller, Role.SELLER)
    import_id = await upload(db, caller, json_lines(written_patent(serial) for serial in range(1, 6)))
    assert (await load(db, import_id)).status == "waiting"
    seen = []
    while await keep_promise(db):
        now = await load(db, import_id)
        seen.append((now.status, now.total, now.done))
    assert seen == [("running", 5, 0), ("running", 5, 2), ("running", 5, 4), ("done", 5, 5)]
    done = await load(db, import_id)
    assert counts(done) == (5, 5, 0, 0)
    assert done.finished_at is not None
    assert await count(db, PatentImportPage) == 0

    async def owners(session: Session) -> set[tuple[UUID | None, UUID | None, tuple[str, ...]]]:
        rows = (await session.execute(select(Patent))).scalars()
        return {(row.owner_organisation_id, row.created_by, tuple(sorted(row.marks))) for row in rows}

    marks = ("applicant_differs", "legal_status_unverified")
    assert await db.read(owners) == {(caller.organisation_id, caller.person_id, marks)}


async def test_tasks_that_run_twice_change_nothing_the_second_time(db: Database) -> None:
    caller = await db.write(make_caller, Role.SELLER)
    import_id = await upload(db, caller, json_lines([written_patent(1), {"title": "坏行"}]))
    payload = {"import_id": str(import_id)}
    await db.write(read_patent_import, payload)
    await db.write(read_patent_import, payload)
    assert await count(db, PatentImportPage) == 1
    await db.write(take_patent_import_page, {**payload, "number": 1})
    await db.write(take_patent_import_page, {**payload, "number": 1})
    await db.write(read_patent_import, payload)
    await keep_promises(db)
    assert counts(await load(db, import_id)) == (2, 1, 0, 1)


async def test_an_import_cut_off_in_a_page_goes_on_with_that_page(db: Database) -> None:
    caller = await db.write(make_caller, Role.SELLER)
    import_id = await upload(db, caller, json_lines([written_patent(1), written_patent(2)]))
    await keep_promise(db)

    class KilledError(Exception):
        """The process dies before its commit."""

    async def die(session: Session) -> None:
        await take_patent_import_page(session, {"import_id": str(import_id), "number": 1})
        raise KilledError

    with pytest.raises(KilledError):
        await db.write(die)
    assert (await load(db, import_id)).done == 0
    await keep_promises(db)
    assert counts(await load(db, import_id)) == (2, 2, 0, 0)


async def test_a_file_that_cannot_be_read_ends_its_import_with_the_reason_and_takes_nothing(
    db: Database,
) -> None:
    caller = await db.write(make_caller, Role.SELLER)
    packed = gzip.compress(json_lines(written_patent(serial) for serial in range(1, 4000)))
    import_id = await upload(db, caller, packed[: len(packed) // 2])
    await keep_promises(db)
    failed = await load(db, import_id)
    assert failed.status == "failed"
    assert failed.problem is not None
    assert failed.problem["code"] == "file-unreadable"
    assert "gzip" in failed.problem["zh"]
    assert await count(db, Patent) == 0
    assert await count(db, PatentImportPage) == 0


async def test_the_uploaded_bytes_go_when_they_are_read(db: Database) -> None:
    caller = await db.write(make_caller, Role.SELLER)
    import_id = await upload(db, caller, json_lines([written_patent(1)]))
    await keep_promises(db)

    async def ask(session: Session) -> bool:
        query = select(PatentImport.content.is_(None)).where(PatentImport.id == import_id)
        return bool((await session.execute(query)).scalar_one())

    assert await db.read(ask)


async def test_a_sellers_import_of_anothers_patent_is_refused_without_telling_its_facts(
    session: Session,
) -> None:
    other = await make_caller(session, Role.SELLER)
    await register_patent(session, other, written_patent(1))
    await bring(session, json_lines([written_patent(2)]))
    caller = await make_caller(session, Role.SELLER)
    import_id = await start_upload(
        session, caller, "a", json_lines([written_patent(1), written_patent(2, title="别的")]), "0" * 64
    )
    payload = {"import_id": str(import_id)}
    await read_patent_import(session, payload)
    await take_patent_import_page(session, {**payload, "number": 1})
    assert await refusals(session, import_id) == {1: "recorded-elsewhere", 2: "differs-from-record"}


async def test_a_seller_takes_over_the_catalogues_record_by_bringing_the_same_facts(session: Session) -> None:
    await bring(session, json_lines([written_patent(1), written_patent(2)]))
    seller, late = await make_caller(session, Role.SELLER), await make_caller(session, Role.SELLER)
    with pytest.raises(DiffersFromRecord):
        await register_patent(session, seller, written_patent(1, title="别的名称"))
    patent_id = await register_patent(session, seller, written_patent(1))
    import_id = await start_upload(session, seller, "a", json_lines([written_patent(2)]), "0" * 64)
    payload = {"import_id": str(import_id)}
    await read_patent_import(session, payload)
    await take_patent_import_page(session, {**payload, "number": 1})
    assert (await session.get_one(PatentImport, import_id)).accepted == 1
    owners = (await session.execute(select(Patent.owner_organisation_id))).scalars().all()
    assert owners == [seller.organisation_id] * 2
    patent = await session.get_one(Patent, patent_id, populate_existing=True)
    assert "applicant_differs" in patent.marks
    with pytest.raises(PatentAlreadyRecorded):
        await register_patent(session, late, written_patent(1))


async def test_who_brings_no_applicant_does_not_hide_the_one_that_is_recorded(session: Session) -> None:
    await bring(session, json_lines([written_patent(1)]))
    seller = await make_caller(session, Role.SELLER)
    silent = json_lines([{**written_patent(1), "applicant": ""}])
    import_id = await start_upload(session, seller, "a", silent, "0" * 64)
    await read_patent_import(session, {"import_id": str(import_id)})
    await take_patent_import_page(session, {"import_id": str(import_id), "number": 1})
    patent = (await session.execute(select(Patent))).scalar_one()
    assert patent.owner_organisation_id == seller.organisation_id
    assert patent.applicant == written_patent(1)["applicant"]
    assert "applicant_differs" in patent.marks
    assert "applicant_withheld" not in patent.marks


async def test_the_catalogues_import_meets_a_sellers_patent_and_leaves_it(session: Session) -> None:
    seller = await make_caller(session, Role.SELLER)
    patent_id = await register_patent(session, seller, written_patent(1))
    assert counts(await bring(session, json_lines([written_patent(1)]))) == (1, 0, 1, 0)
    assert (await session.get_one(Patent, patent_id)).owner_organisation_id == seller.organisation_id


async def test_two_imports_of_the_same_file_at_once_take_each_patent_once(db: Database) -> None:
    content = json_lines(written_patent(serial) for serial in range(1, 400))
    backwards = json_lines(written_patent(serial) for serial in range(399, 0, -1))
    one, two = await asyncio.gather(db.write(bring, content), db.write(bring, backwards))
    assert one.accepted + two.accepted == 399
    assert one.unchanged + two.unchanged == 399
    assert one.refused + two.refused == 0


async def test_pages_are_promised_one_after_the_other(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "PAGE_ROWS", 1)
    caller = await db.write(make_caller, Role.SELLER)
    await upload(db, caller, json_lines(written_patent(serial) for serial in range(1, 4)))
    assert await keep_promises(db) == 4

    async def promised(session: Session) -> list[str | None]:
        query = select(TaskRow.key).where(TaskRow.name == PAGE_TASK).order_by(TaskRow.created_at)
        return [key and key[-1] for key in (await session.execute(query)).scalars()]

    assert await db.read(promised) == ["1", "2", "3"]


async def test_only_a_sellers_person_brings_patents(session: Session) -> None:
    for role in (Role.BIDDER, Role.REVIEWER, Role.SUPERVISOR):
        caller = await make_caller(session, role)
        with pytest.raises(NotPermitted):
            await start_upload(session, caller, "a", b"x", "0" * 64)
        with pytest.raises(NotPermitted):
            await register_patent(session, caller, written_patent(1))


async def test_one_patent_is_registered_once(session: Session) -> None:
    caller = await make_caller(session, Role.SELLER)
    patent_id = await register_patent(session, caller, written_patent(1, applicant=caller.organisation_name))
    patent = await session.get_one(Patent, patent_id)
    assert patent.marks == ["legal_status_unverified"]
    assert patent.source == "form"
    with pytest.raises(PatentAlreadyRecorded):
        await register_patent(session, caller, written_patent(1, title="又一次"))
    with pytest.raises(CheckDigitWrong):
        await register_patent(session, caller, written_patent(1, application_no="89103229.2"))


@pytest.mark.parametrize(
    "over",
    [
        {"application_no": "201510000001.1"},
        {"application_no": "CN97101765"},
        {"title": ""},
        {"patent_type": "plant"},
        {"ipc_main": "电池"},
        {"applicant": None},
        {"patent_no": "105761178A"},
    ],
)
async def test_the_database_itself_refuses_facts_that_cannot_be(
    session: Session, over: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError):
        await make_patent(session, **over)


async def test_the_database_itself_refuses_one_number_twice(session: Session) -> None:
    await make_patent(session, application_no="CN85102475", marks=["no_check_digit"])
    with pytest.raises(IntegrityError):
        await make_patent(session, application_no="CN85102475.0")


async def test_numbers_are_looked_up_by_their_index(session: Session) -> None:
    await bring(session, FACTS.read_bytes())
    await session.execute(text("ANALYZE patent"))
    plan = await session.execute(
        text(
            "EXPLAIN SELECT 1 FROM patent WHERE split_part(patent.application_no, '.', 1) IN ('CN85102475', 'CN1')"
        )
    )
    assert "uq_patent_number" in "\n".join(line for (line,) in plan)
