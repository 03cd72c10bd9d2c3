"""Steps: patents come in by form and by file."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from app.smoke.actor import ACCEPTED
from app.smoke.steps import Step, expect, expect_equal

if TYPE_CHECKING:
    from app.smoke.journey import Journey

_IMPORT_SECONDS = 60
_PAUSE_SECONDS = 0.1
_GOOD_ROWS = 3


def _wrong(number: str) -> str:
    return number[:-1] + ("1" if number[-1] != "1" else "2")


async def check_numbers(journey: Journey) -> None:
    """The form's check names the right check digit."""
    number = journey.new_application_no()
    found = await journey.guest.get(f"patent-number-checks/{number}")
    expect(found["valid"] and found["normalised"] == number, f"{number} valid", found)
    found = await journey.guest.get(f"patent-number-checks/{_wrong(number)}")
    expect(not found["valid"], f"{_wrong(number)} not valid", found)
    expect_equal(found["expected_check"], number[-1], "check digit")


async def register_by_form(journey: Journey) -> None:
    """One patent by form; a wrong check digit and a second time are refused."""
    number = journey.new_application_no()
    body = {
        "application_no": number,
        "title": f"演示专利：自检用的虚构装置 {journey.run}",
        "filing_on": "2022-03-01",
        "ipc_main": "G05D23/19",
        "applicant": journey.seller.organisation_name,
    }
    wrong = {**body, "application_no": _wrong(number)}
    await journey.seller.refused("POST", "patents", 422, "check-digit-wrong", body=wrong)
    journey.patent = await journey.seller.post("patents", body)
    expect_equal(journey.patent["patent_type"], "invention", "type told by the number")
    await journey.seller.refused("POST", "patents", 409, "patent-already-recorded", body=body)
    await journey.outsider.refused("GET", f"patents/{journey.patent['id']}", 404)


async def import_by_file(journey: Journey) -> None:
    """A file with a bad row: the good ones come in, the bad one with its reason, the same file changes nothing."""
    rows = [_row(journey, turn) for turn in range(_GOOD_ROWS)]
    expired = {**rows[0], "application_no": journey.new_application_no(2003), "filing_on": "2003-11-03"}
    bad = {**rows[0], "application_no": _wrong(rows[0]["application_no"])}
    lines = [json.dumps(row, ensure_ascii=False) for row in (*rows, expired, bad)]
    content = "\n".join(lines).encode()
    done = await _import(journey, content)
    expect_equal((done["accepted"], done["refused"]), (_GOOD_ROWS + 1, 1), "accepted and refused rows")
    refusals = await journey.seller.send("GET", f"patent-imports/{done['id']}/refusals.csv")
    expect("check-digit-wrong" in refusals.text, "the reason in the file of refused rows", refusals.text)
    again = await _import(journey, content)
    expect_equal((again["accepted"], again["unchanged"]), (0, _GOOD_ROWS + 1), "new and unchanged rows")
    mine = (await journey.seller.get("patents", owner="mine", limit=100))["items"]
    old = [item["id"] for item in mine if item["application_no"] == expired["application_no"]]
    journey.expired_patent_id = old[0]


def _row(journey: Journey, turn: int) -> dict[str, str]:
    return {
        "application_no": journey.new_application_no(),
        "title": f"演示专利：自检导入 {journey.run} 第 {turn + 1} 件",
        "filing_on": "2022-06-01",
        "ipc_main": "B65D81/38",
        "applicant": journey.seller.organisation_name,
    }


async def _import(journey: Journey, content: bytes) -> dict[str, Any]:
    files = {"file": (f"smoke-{journey.run}.jsonl", content, "application/x-ndjson")}
    response = await journey.seller.send("POST", "patent-imports", files=files)
    expect(response.status_code == ACCEPTED, f"POST patent-imports: {ACCEPTED}", response.text)
    import_id = response.json()["id"]
    async with asyncio.timeout(_IMPORT_SECONDS):
        while True:
            found: dict[str, Any] = await journey.seller.get(f"patent-imports/{import_id}")
            if found["status"] in {"done", "failed"}:
                expect_equal(found["status"], "done", "import")
                return found
            await asyncio.sleep(_PAUSE_SECONDS)


STEPS = (
    Step("申请号校验", "application numbers are checked", check_numbers),
    Step(
        "录入一件专利，错误校验位与重复录入被拒",
        "one patent by form; a wrong check digit and a repeat are refused",
        register_by_form,
    ),
    Step(
        "文件导入：坏行附原因，同一文件不再改变",
        "patents by file: a bad row with its reason, the same file changes nothing",
        import_by_file,
    ),
)
