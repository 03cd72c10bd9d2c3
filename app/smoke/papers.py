"""Steps: the contract is drawn up and signed, registered, certified and verified; the audit record tells it all."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

from app.chain import canonical
from app.smoke.actor import OK
from app.smoke.closing import PRICE_FEN
from app.smoke.steps import Step, StepFailedError, expect, expect_equal

if TYPE_CHECKING:
    from app.smoke.journey import Journey

_PDF_SECONDS, _PAUSE_SECONDS = 60, 0.2
_NUMBER_DIGITS = 16
_NO_CODE = "ZZZZ-ZZZZ-ZZZZ-ZZZZ"
_FACTS = ("invention_name", "applicant_and_owner", "filing_on", "application_no", "patent_no", "term")


async def draw_up(journey: Journey) -> None:
    """The contract states the six facts; asking twice gives the same one; strangers do not see it."""
    body = {"deal_id": journey.deal["id"]}
    journey.contract = await journey.seller.post("contracts", body)
    again = await journey.second.post("contracts", body)
    expect_equal(again["id"], journey.contract["id"], "one contract for a deal")
    document = journey.contract["document"]
    missing = [name for name in _FACTS if not document["patent_facts"][name]]
    expect(not missing, f"six facts of the patent {_FACTS}", missing)
    expect_equal(document["price_fen"], PRICE_FEN, "price")
    digest = hashlib.sha256(canonical(document).encode()).hexdigest()
    expect_equal(digest, journey.contract["document_sha256"], "digest of the document")
    await journey.first.refused("GET", f"contracts/{journey.contract['id']}", 404, "contract-not-found")


def _application(journey: Journey, **over: object) -> dict[str, Any]:
    return {
        "contract_id": journey.contract["id"],
        "contract_type": "transfer",
        "subtype": "patent",
        "total_fen": PRICE_FEN,
        "tech_fen": PRICE_FEN,
        "tech_field": "先进制造",
        **over,
    }


async def sign(journey: Journey) -> None:
    """Both sides sign over the digest; another digest, a second signature and an early registration are refused."""
    path = f"contracts/{journey.contract['id']}/signatures"
    right, wrong = {"document_sha256": journey.contract["document_sha256"]}, {"document_sha256": "0" * 64}
    await journey.seller.refused("POST", path, 409, "document-changed", body=wrong)
    await journey.seller.post(path, right)
    await journey.seller.refused("POST", path, 409, "already-signed", body=right)
    early = _application(journey)
    await journey.seller.refused("POST", "registrations", 409, "contract-not-in-force", body=early)
    signed = await journey.second.post(path, right)
    expect_equal(signed["status"], "in_force", "status")
    expect_equal(sorted(signed["signed_sides"]), ["buyer", "seller"], "signed sides")


async def register(journey: Journey) -> None:
    """The seller applies once; wrong amounts, the buyer and other desks are refused; the registrar approves."""
    other = _application(journey, total_fen=PRICE_FEN + 1)
    await journey.seller.refused("POST", "registrations", 422, "total-not-the-price", body=other)
    application = _application(journey)
    await journey.second.refused("POST", "registrations", 403, "not-the-seller", body=application)
    made = await journey.seller.post("registrations", application)
    await journey.seller.refused("POST", "registrations", 409, "already-registered", body=application)
    path = f"registrations/{made['id']}/decisions"
    approve = {"decision": "approve", "total_fen": PRICE_FEN, "tech_fen": PRICE_FEN}
    await journey.desks["reviewer"].refused("POST", path, 403, "not-permitted", body=approve)
    registrar = journey.desks["registrar"]
    refuse = {"decision": "refuse"}
    await registrar.refused("POST", path, 422, "refusal-reason-needed", body=refuse)
    journey.registration = await registrar.post(path, approve)
    number = journey.registration["registration_no"]
    expect(len(number) == _NUMBER_DIGITS and number.isdigit(), "a number of 16 digits", number)
    await registrar.refused("POST", path, 409, "already-decided", body=approve)


async def certify(journey: Journey) -> None:
    """The certificate comes as PDF and is verified in public; an unknown one is not found."""
    path = f"registrations/{journey.registration['id']}/certificate"
    pdf = await _pdf(journey, path)
    code = journey.registration["certificate"]["verification_code"]
    found = await journey.guest.get(f"certificates/{code}")
    expect(found["is_valid"] and found["is_demonstration"], "a valid certificate of a demonstration", found)
    expect_equal(found["registration_no"], journey.registration["registration_no"], "number")
    expect_equal(found["sha256"], hashlib.sha256(pdf).hexdigest(), "digest of the file")
    await journey.guest.refused("GET", f"certificates/{_NO_CODE}", 404, "certificate-not-found")
    await journey.first.refused("GET", path, 404)


async def _pdf(journey: Journey, path: str) -> bytes:
    try:
        async with asyncio.timeout(_PDF_SECONDS):
            while True:
                response = await journey.seller.send("GET", path)
                if response.status_code == OK:
                    expect(response.content.startswith(b"%PDF"), "a PDF", response.content[:20])
                    content: bytes = response.content
                    return content
                expect_equal(response.json()["code"], "certificate-not-ready", "meanwhile")
                await asyncio.sleep(_PAUSE_SECONDS)
    except TimeoutError:
        expected = f"the certificate's file within {_PDF_SECONDS} s"
        raise StepFailedError(expected, "none") from None


async def audit(journey: Journey) -> None:
    """The supervisor finds who did what; nobody else may look."""
    supervisor = journey.desks["supervisor"]
    wanted = {
        ("listing", journey.listing["id"]): {"listing.submitted", "listing.accepted", "listing.published"},
        ("contract", journey.contract["id"]): {"contract.drafted", "contract.signed"},
        ("registration", journey.registration["id"]): {"registration.applied", "registration.approved"},
    }
    for (kind, subject), actions in wanted.items():
        found = (await supervisor.get("audit-records", subject_kind=kind, subject_id=subject, limit=100))[
            "items"
        ]
        expect(actions <= {item["action"] for item in found}, f"{sorted(actions)} in the audit record", found)
    await journey.seller.refused("GET", "audit-records", 403, "not-permitted")


STEPS = (
    Step("起草合同，载明专利六项事实", "the contract is drawn up with the patent's six facts", draw_up),
    Step(
        "双方签署；摘要不符、重复签署、未生效即登记被拒",
        "both sides sign; a wrong digest, a repeat, an early registration are refused",
        sign,
    ),
    Step(
        "合同登记；金额不符、重复申请、他人办理被拒；16 位登记号",
        "registered under 16 digits; wrong amounts, a second application, others are refused",
        register,
    ),
    Step(
        "登记证明 PDF 与公开查验；不存在的证明查不到",
        "the certificate as PDF is verified in public; an unknown one is not found",
        certify,
    ),
    Step("审计记录齐全，仅监督岗可查", "the audit record tells it, to the supervisor only", audit),
)
