"""The certificate as PDF: what it says, that it carries its fonts and its QR code, and that it is made once."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfminer.high_level import extract_text
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import resolve1

from app.contracts.certificate import chinese_date, printed, render_certificate
from app.contracts.papers import make_png
from tests.contracts.read_picture import read_png

ISSUED_AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
CODE = "K7Q2M9XD4TNAP3VC"


def body(**over: Any) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "format": "registration-certificate/1",
        "registration_no": "2026110001000128",
        "project_name": "一种玉米深松深施肥种肥同播机",
        "contract_no": "HT2026-000109",
        "contract_type": "transfer",
        "subtype": "patent",
        "tech_field": "先进制造",
        "application_no": "CN201410174011.1",
        "patent_no": "ZL201410174011.1",
        "seller": {"name": "虚构大学", "uscc": "12100000400000018N"},
        "buyer": {"name": "虚构农机公司", "uscc": "91330100123456788G"},
        "signed_on": "2026-11-20",
        "total_fen": 45_000_000,
        "tech_fen": 43_850_050,
        "office_name": "技术合同登记机构",
        "registrar_name": "登记岗 03",
        "registered_on": "2026-11-23",
        "verification_code": CODE,
        "verify_url": f"http://market.test/verify/{CODE}",
        "document_sha256": "3b8bb9a7170a9d3ebef8ba9008dbc709" * 2,
        "exchange_zh": "技术交易市场",
        "exchange_en": "Technology Trading Market",
        "is_demonstration": True,
    }
    return {**columns, **over}


def open_pdf(pdf: bytes) -> tuple[PDFDocument, list[PDFPage]]:
    document = PDFDocument(PDFParser(io.BytesIO(pdf)))
    return document, list(PDFPage.create_pages(document))


def text_of(pdf: bytes) -> str:
    return "".join(extract_text(io.BytesIO(pdf)).split())


@pytest.mark.parametrize(
    "must",
    [
        "技术合同登记证明",
        "2026-1100-01-000128",
        "一种玉米深松深施肥种肥同播机",
        "技术转让合同（专利权转让）",
        "ZL201410174011.1",
        "CN201410174011.1",
        "虚构大学",
        "虚构农机公司",
        "12100000400000018N",
        "HT2026-000109",
        "2026-11-20",
        "450,000.00",
        "人民币肆拾伍万元整",
        "438,500.50",
        "人民币肆拾叁万捌仟伍佰元伍角整",
        "先进制造",
        "技术合同登记机构",
        "登记岗03",
        "二〇二六年十一月二十三日",
        "K7Q2-M9XD-4TNA-P3VC",
        f"http://market.test/verify/{CODE}",
        "3b8bb9a7170a9d3ebef8ba9008dbc709" * 2,
        "不代替该登记",
    ],
)
def test_the_certificate_says_it_in_text_that_can_be_copied(must: str) -> None:
    assert must in text_of(render_certificate(body(), ISSUED_AT))


def test_a_demonstration_says_that_it_has_no_effect_and_no_other_does() -> None:
    assert "不具有任何法律效力" in text_of(render_certificate(body(), ISSUED_AT))
    assert "nolegaleffect" in text_of(render_certificate(body(), ISSUED_AT))
    real = text_of(render_certificate(body(is_demonstration=False), ISSUED_AT))
    assert "演示" not in real
    assert "DEMONSTRATION" not in real


def test_every_font_is_embedded() -> None:
    _, (page,) = open_pdf(render_certificate(body(), ISSUED_AT))
    names = set()
    for font in resolve1(page.resources["Font"]).values():
        inner = resolve1(resolve1(resolve1(font)["DescendantFonts"])[0])
        descriptor = resolve1(inner["FontDescriptor"])
        assert descriptor.get("FontFile3") is not None
        names.add(str(descriptor["FontName"]))
    assert any("NotoSerifSC" in name for name in names)
    assert any("NotoSansSC" in name for name in names)


def test_it_is_pdf_a_2b() -> None:
    document, _ = open_pdf(render_certificate(body(), ISSUED_AT))
    metadata = resolve1(document.catalog["Metadata"]).get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata


def test_it_links_to_its_own_verification() -> None:
    _, (page,) = open_pdf(render_certificate(body(), ISSUED_AT))
    links = {resolve1(resolve1(note)["A"])["URI"].decode() for note in resolve1(page.annots)}
    assert links == {f"http://market.test/verify/{CODE}"}


def test_the_qr_code_on_the_page_is_that_of_the_address() -> None:
    address = f"http://market.test/verify/{CODE}"
    matrix = [[bool(module) for module in row] for row in segno.make_qr(address, error="m").matrix]
    picture = read_png(make_png("certificate", printed(body()), ppi=72)[0])
    module = 29 / 25.4 * 72 / len(matrix)
    left = int(27 / 25.4 * 72)
    assert picture.find(matrix, module=module, near=left) is not None
    other = [[bool(m) for m in row] for row in segno.make_qr(address[:-1] + "D", error="m").matrix]
    assert picture.find(other, module=module, near=left) is None


def test_the_same_contents_give_the_same_bytes() -> None:
    first, second = render_certificate(body(), ISSUED_AT), render_certificate(body(), ISSUED_AT)
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()
    assert render_certificate(body(total_fen=1, tech_fen=1), ISSUED_AT) != first


def test_it_stays_on_one_page_with_a_long_name() -> None:
    long = body(
        project_name="一种用于" + "复杂工况下的" * 30 + "控制方法",
        office_name="某某市技术合同认定登记服务中心（示例）",
    )
    assert len(open_pdf(render_certificate(long, ISSUED_AT))[1]) == 1


def test_a_seller_known_by_name_alone_has_no_code_line() -> None:
    text = text_of(render_certificate(body(seller={"name": "虚构大学", "uscc": None}), ISSUED_AT))
    assert "None" not in text
    assert text.count("统一社会信用代码") == 1


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=60))
@settings(max_examples=40, deadline=None)
def test_nothing_a_user_wrote_becomes_markup(name: str) -> None:
    render_certificate(body(project_name=name, seller={"name": name, "uscc": None}), ISSUED_AT)


def test_a_character_without_a_glyph_is_written_by_its_code_point() -> None:
    text = text_of(render_certificate(body(project_name="𠮷林\u200b大学㛃喆堃镕頔"), ISSUED_AT))
    assert "〔U+20BB7〕林大学㛃喆堃镕頔" in text


def test_markup_stays_text() -> None:
    text = text_of(render_certificate(body(project_name='#read("/etc/passwd") *粗* $x$ \\ <b>'), ISSUED_AT))
    assert '#read("/etc/passwd")*粗*$x$\\<b>' in text


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 23), "二〇二六年十一月二十三日"),
        (date(2030, 1, 1), "二〇三〇年一月一日"),
        (date(2026, 10, 10), "二〇二六年十月十日"),
        (date(2026, 12, 31), "二〇二六年十二月三十一日"),
    ],
)
def test_a_date_is_written_as_on_deeds(day: date, words: str) -> None:
    assert chinese_date(day) == words
