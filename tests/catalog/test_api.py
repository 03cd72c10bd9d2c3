"""The catalogue by API: patents, checks of numbers, imports with progress and refused rows."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest

from app.accounts.permissions import Role
from app.api import patent_imports
from app.catalog.importing import start_upload
from tests.make_accounts import make_caller, make_organisation, token_headers
from tests.make_catalog import (
    application_number,
    json_lines,
    keep_promises,
    make_patent,
    workbook,
    written_patent,
)

if TYPE_CHECKING:
    from uuid import UUID

    from httpx2 import AsyncClient, Response

    from app.db import Database, Session

API = "/api/v1"


async def put_file(
    client: AsyncClient, headers: dict[str, str], content: bytes, name: str = "清单.jsonl"
) -> Response:
    return await client.post(f"{API}/patent-imports", files={"file": (name, content)}, headers=headers)


async def test_a_seller_registers_a_patent_and_reads_it_with_its_term(
    client: AsyncClient, db: Database
) -> None:
    headers = await token_headers(db, Role.SELLER)
    body = {**written_patent(1), "application_no": "zl 2015 1000 0001 8"}
    wrong = await client.post(f"{API}/patents", json=body, headers=headers)
    assert wrong.status_code == 422
    assert wrong.json()["code"] == "check-digit-wrong"
    body["application_no"] = f"ZL{wrong.json()['corrected'][2:]}"
    made = await client.post(f"{API}/patents", json=body, headers=headers)
    assert made.status_code == 201, made.text
    patent = made.json()
    assert patent["application_no"] == written_patent(1)["application_no"]
    assert patent["expires_on"] == "2035-05-01"
    assert patent["marks"] == ["legal_status_unverified", "applicant_differs"]
    assert (await client.get(f"{API}/patents/{patent['id']}", headers=headers)).json() == patent
    again = await client.post(f"{API}/patents", json=body, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "patent-already-recorded")


async def test_the_same_idempotency_key_registers_once(client: AsyncClient, db: Database) -> None:
    headers = {**await token_headers(db, Role.SELLER), "Idempotency-Key": "key-1"}
    one = await client.post(f"{API}/patents", json=written_patent(1), headers=headers)
    two = await client.post(f"{API}/patents", json=written_patent(1), headers=headers)
    assert one.status_code == two.status_code == 201
    assert one.json() == two.json()


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"application_no": "89103229.2"}, "check-digit-wrong"),
        ({"application_no": "CN201510000001"}, "check-digit-missing"),
        ({"application_no": "电池"}, "number-malformed"),
        ({"patent_type": "design"}, "type-differs"),
        ({"filing_on": "2099-01-01"}, "filing-date-impossible"),
        ({"ipc_main": "电池"}, "classification-malformed"),
        ({"title": " "}, "fact-missing"),
        ({"patent_no": "12"}, "patent-number-malformed"),
    ],
)
async def test_facts_that_cannot_be_get_a_clear_problem(
    client: AsyncClient, db: Database, over: dict[str, Any], code: str
) -> None:
    headers = await token_headers(db, Role.SELLER)
    answer = await client.post(f"{API}/patents", json={**written_patent(1), **over}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text


async def test_who_may_register(client: AsyncClient, db: Database) -> None:
    body = written_patent(1)
    assert (await client.post(f"{API}/patents", json=body)).status_code == 401
    for role in (Role.BIDDER, Role.REVIEWER):
        headers = await token_headers(db, role)
        assert (await client.post(f"{API}/patents", json=body, headers=headers)).status_code == 403
        assert (await put_file(client, headers, json_lines([body]))).status_code == 403
    narrow = await token_headers(db, Role.SELLER, scopes=["read"])
    assert (await client.post(f"{API}/patents", json=body, headers=narrow)).status_code == 403


async def make_public(session: Session) -> UUID:
    return (await make_patent(session)).id


async def test_what_an_organisation_brought_in_is_its_own_until_it_lists_it(
    client: AsyncClient, db: Database
) -> None:
    organisation = await db.write(make_organisation)
    own = await token_headers(db, Role.SELLER, organisation=organisation)
    made = (await client.post(f"{API}/patents", json=written_patent(1), headers=own)).json()
    public = await db.write(make_public)
    stranger = await token_headers(db, Role.SELLER)
    reviewer = await token_headers(db, Role.REVIEWER)
    for headers, sees in ((own, 2), (stranger, 1), ({}, 1), (reviewer, 2)):
        page = (await client.get(f"{API}/patents", headers=headers)).json()
        assert len(page["items"]) == sees
        expected = 200 if sees == 2 else 404
        assert (await client.get(f"{API}/patents/{made['id']}", headers=headers)).status_code == expected
        assert (await client.get(f"{API}/patents/{public}", headers=headers)).status_code == 200
    mine = (await client.get(f"{API}/patents?owner=mine", headers=own)).json()
    assert [item["id"] for item in mine["items"]] == [made["id"]]
    assert (await client.get(f"{API}/patents?owner=mine")).json()["items"] == []


async def test_patents_are_found_by_parts_and_paged_by_key(client: AsyncClient, db: Database) -> None:
    async def make(session: Session) -> None:
        for number in range(5):
            await make_patent(session, title=f"锂电池{number}", ipc_main="H01M10/0525")
        await make_patent(
            session,
            title="100%纯棉_布",
            applicant="泰山织造厂",
            ipc_main="D03D15/00",
            patent_type="utility_model",
        )

    await db.write(make)

    async def titles(query: str) -> list[str]:
        answer = await client.get(f"{API}/patents?{query}")
        assert answer.status_code == 200, answer.text
        return [item["title"] for item in answer.json()["items"]]

    assert await titles("q=锂电池3") == ["锂电池3"]
    assert await titles("q=泰山") == ["100%纯棉_布"]
    assert await titles("q=100%25") == ["100%纯棉_布"]
    assert await titles("q=_") == ["100%纯棉_布"]
    assert await titles("q=%5C") == []
    assert await titles("ipc=d03d 15") == ["100%纯棉_布"]
    assert await titles("patent_type=utility_model") == ["100%纯棉_布"]
    assert await titles("patent_type=invention&ipc=H01M&q=没有") == []
    seen: list[str] = []
    address: str | None = f"{API}/patents?limit=2"
    while address:
        page = (await client.get(address)).json()
        seen += [item["id"] for item in page["items"]]
        following = page["next_cursor"]
        address = f"{API}/patents?limit=2&cursor={following}" if following else None
    assert len(seen) == len(set(seen)) == 6
    assert seen == sorted(seen, reverse=True)
    assert (await client.get(f"{API}/patents?cursor=xx")).status_code == 422


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (
            "ZL２０１７１０６０１８６２．３",
            {
                "valid": True,
                "normalised": "CN201710601862.3",
                "patent_type": "invention",
                "expected_check": "3",
            },
        ),
        ("89103229.2", {"valid": False, "normalised": "CN89103229.0", "expected_check": "0"}),
        ("97101765", {"valid": False, "normalised": "CN97101765.4", "expected_check": "4"}),
        ("CN85102475", {"valid": True, "expected_check": None, "warnings": ["no_check_digit"]}),
        (application_number(1, kind="4"), {"valid": True, "patent_type": None, "warnings": ["kind_unknown"]}),
        ("电池", {"valid": False, "normalised": None, "expected_check": None}),
    ],
)
async def test_a_number_is_checked_while_it_is_typed(
    client: AsyncClient, number: str, expected: dict[str, Any]
) -> None:
    answer = await client.get(f"{API}/patent-number-checks/{number}", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    body = answer.json()
    assert {key: body[key] for key in expected} == expected
    assert (body["problem"] is None) is body["valid"]


async def test_a_file_goes_up_progress_is_seen_and_refused_rows_come_down(
    client: AsyncClient, db: Database
) -> None:
    headers = await token_headers(db, Role.SELLER)
    bad = {**written_patent(2), "application_no": "201510000002.0", "title": "=SUM(A1)"}
    content = json_lines([written_patent(1), bad, written_patent(3)])
    started = await put_file(client, headers, content, "我的 清单.jsonl")
    assert started.status_code == 202, started.text
    body = started.json()
    assert (body["status"], body["total"], body["done"], body["filename"]) == (
        "waiting",
        None,
        0,
        "我的 清单.jsonl",
    )
    await keep_promises(db)
    done = (await client.get(f"{API}/patent-imports/{body['id']}", headers=headers)).json()
    assert done["status"] == "done"
    assert (done["total"], done["done"], done["accepted"], done["unchanged"], done["refused"]) == (
        3,
        3,
        2,
        0,
        1,
    )
    assert (done["file_format"], done["encoding"], done["problem"]) == ("json_lines", "utf-8", None)
    file = await client.get(f"{API}/patent-imports/{body['id']}/refusals.csv", headers=headers)
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert "filename*=UTF-8''" in file.headers["content-disposition"]
    heading, row = csv.reader(io.StringIO(file.text.removeprefix("\ufeff")))
    assert heading[:4] == ["行号 / line", "原因代码 / code", "原因", "reason"]
    assert row[:2] == ["2", "check-digit-wrong"]
    assert "应为" in row[2]
    assert row[heading.index("title")] == "'=SUM(A1)"
    again = (await put_file(client, headers, content)).json()
    await keep_promises(db)
    same = (await client.get(f"{API}/patent-imports/{again['id']}", headers=headers)).json()
    assert (same["accepted"], same["unchanged"], same["refused"]) == (0, 2, 1)


async def test_an_import_is_its_organisations_own(client: AsyncClient, db: Database) -> None:
    headers = await token_headers(db, Role.SELLER)
    import_id = (await put_file(client, headers, json_lines([written_patent(1)]))).json()["id"]
    for path in (f"{API}/patent-imports/{import_id}", f"{API}/patent-imports/{import_id}/refusals.csv"):
        assert (await client.get(path)).status_code == 401
        stranger = await token_headers(db, Role.SELLER)
        assert (await client.get(path, headers=stranger)).status_code == 404
        assert (await client.get(path, headers=await token_headers(db, Role.SUPERVISOR))).status_code == 200


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b"[]", "file-format-unknown"),
        (b"a,b\n1,2\n", "columns-unknown"),
        (b"\x1f\x8b\x08broken", "file-unreadable"),
        (b"PK\x03\x04broken", "file-unreadable"),
        (b"\xd0\xcf\x11\xe0", "file-format-unknown"),
        (workbook(["名称"], [["一"]]), "columns-unknown"),
    ],
    ids=["nothing", "array", "csv", "gzip", "zip", "xls", "excel"],
)
async def test_a_file_bad_as_a_whole_is_refused_at_once(
    client: AsyncClient, db: Database, content: bytes, code: str
) -> None:
    headers = await token_headers(db, Role.SELLER)
    answer = await put_file(client, {**headers, "Accept-Language": "en"}, content)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert answer.json()["detail"].isascii() or code == "columns-unknown"


async def test_a_file_over_the_bound_is_refused(
    client: AsyncClient, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patent_imports, "MOST_BYTES", 1000)
    headers = await token_headers(db, Role.SELLER)
    answer = await put_file(client, headers, b"{" * 1001)
    assert (answer.status_code, answer.json()["code"]) == (413, "file-too-large")


async def test_the_fault_found_while_reading_is_told_in_the_callers_language(
    client: AsyncClient, db: Database
) -> None:
    caller = await db.write(make_caller, Role.SELLER)

    async def start(session: Session) -> UUID:  # the API refuses such a file at once
        return await start_upload(session, caller, "坏.gz", b"\x1f\x8b\x08broken", "0" * 64)

    import_id = await db.write(start)
    await keep_promises(db)
    supervisor = await token_headers(db, Role.SUPERVISOR)
    for lang, word in (("zh", "已损坏"), ("en", "broken")):
        answer = await client.get(
            f"{API}/patent-imports/{import_id}", headers={**supervisor, "Accept-Language": lang}
        )
        assert answer.json()["status"] == "failed"
        assert word in answer.json()["problem"]["detail"]
