"""Reading statements: what banks write is read, what is broken or dangerous is refused with its row."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments.errors import StatementLineDiffers, StatementUnreadable
from app.payments.errors_statement import StatementPageRepeated
from app.payments.reference import find_references, make_reference
from app.payments.statements.lines import Faults, PaidLine, Statement, read_amount, read_date
from app.payments.statements.reading import read_statement, unique_lines
from tests.make_statements import ACCOUNT, make_row, write_csv

CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Acct><Id><Othr><Id>9550880200001234567</Id></Othr></Id></Acct>
<Ntry><Amt Ccy="CNY">80000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-01-05</Dt></BookgDt><AcctSvcrRef>R1</AcctSvcrRef>
<NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>虚构买方有限公司</Nm></Pty></Dbtr>
<DbtrAcct><Id><Othr><Id>6222 0000 0000 0001</Id></Othr></Id></DbtrAcct></RltdPties>
<RmtInf><Ustrd>保证金 BZ123456786</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="CNY">3.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><DtTm>2026-01-06T10:00:00</DtTm></BookgDt>
<AcctSvcrRef>R2</AcctSvcrRef><NtryDtls>
<TxDtls><AmtDtls><TxAmt><Amt Ccy="CNY">1.25</Amt></TxAmt></AmtDtls><RltdPties><Dbtr><Nm>甲</Nm></Dbtr></RltdPties></TxDtls>
<TxDtls><AmtDtls><TxAmt><Amt Ccy="CNY">2.25</Amt></TxAmt></AmtDtls><RltdPties><Dbtr><Nm>乙</Nm></Dbtr></RltdPties></TxDtls>
</NtryDtls></Ntry>
<Ntry><Amt Ccy="CNY">9.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts></Ntry>
<Ntry><Amt Ccy="CNY">128.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-01-07</Dt></BookgDt>
<AcctSvcrRef>R3</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Cdtr><Nm>丙</Nm></Cdtr>
<CdtrAcct><Id><Othr><Id>6222 0002</Id></Othr></Id></CdtrAcct></RltdPties>
<RmtInf><Ustrd>FK123456786</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="CNY">7.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>PDNG</Sts></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


def reads(content: bytes | str) -> Statement:
    return read_statement(content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_statement_is_read_in_the_encodings_of_chinese_banks(encoding: str) -> None:
    rows = [
        make_row(day="20260105", amount="1,234.50", remark="保证金 BZ123456786", reference="LS-1"),
        make_row(day="2026年1月6日", amount="0.01", account="6222 0000-0000 0001", reference="LS-2"),
    ]
    found = reads(write_csv(rows, encoding=encoding))
    assert (found.file_format, found.account_number, found.outgoing) == ("csv", ACCOUNT, 0)
    first, second = found.lines
    assert (first.amount_fen, first.booked_on, first.bank_reference) == (123450, date(2026, 1, 5), "LS-1")
    assert first.remark == "保证金 BZ123456786"
    assert (second.amount_fen, second.payer_account) == (1, "6222000000000001")


def test_money_that_went_is_not_taken_for_money_that_came() -> None:
    text = (
        "记账日期,借方发生额,贷方发生额,对方名称,对方账号,摘要,交易流水号\n"
        "20260105,5.00,,甲,6222 01,FK123456786,L1\n20260105,0.50,,,,手续费,\n"
    )
    found = reads(text)
    assert (found.lines, found.outgoing, found.account_number) == ((), 2, None)
    assert found.paid == (PaidLine("L1", date(2026, 1, 5), 500, "甲", "622201", "FK123456786"),)
    with pytest.raises(StatementUnreadable, match="one row"):
        reads(text.replace("5.00,,", "5.00,5.00,"))


def test_a_camt_053_statement_is_read_entry_by_entry_and_part_by_part() -> None:
    found = reads(CAMT)
    assert (found.file_format, found.account_number, found.outgoing) == ("camt053", ACCOUNT, 2)
    assert [(line.bank_reference, line.amount_fen, line.payer_name) for line in found.lines] == [
        ("R1", 8_000_000, "虚构买方有限公司"),
        ("R2-1", 125, "甲"),
        ("R2-2", 225, "乙"),
    ]
    assert found.lines[0].payer_account == "6222000000000001"
    assert found.lines[0].remark == "保证金 BZ123456786"
    assert found.lines[1].booked_on == date(2026, 1, 6)
    assert found.paid == (PaidLine("R3", date(2026, 1, 7), 12_800, "丙", "62220002", "FK123456786"),)


HEADINGS = "交易日期,收入金额,对方户名,对方账号,附言,流水号\n"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\xff\xfe\x00\x01", "encoding"),
        ("a,b,c\n1,2,3", "headings"),
        (HEADINGS + "2026-13-05,1.00,x,1,,L1", "date"),
        (HEADINGS + "2026-01-05,1.005,x,1,,L1", "amount"),
        (HEADINGS + "2026-01-05,-1.00,x,1,,L1", "amount"),
        (HEADINGS + "2026-01-05,NaN,x,1,,L1", "amount"),
        (HEADINGS + "2026-01-05,99999999999999999999,x,1,,L1", "amount"),
        (HEADINGS + "2026-01-05,1.00,x,1,,", "reference"),
        (HEADINGS + '2026-01-05,1.00,"x,1,,L1', "CSV"),
        ("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "DOCTYPE"),
        ("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "DOCTYPE"),
        ("<a>" * 40 + "</a>" * 40, "nested"),
        ("<a", "XML format"),
        ("<Document/>", "no Stmt"),
        (CAMT.replace('"CNY"', '"USD"'), "currency"),
        (CAMT.replace("2.25", "2.24"), "do not sum"),
        (b"a" * (4 * 1024 * 1024 + 1), "4 MB"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_was_wrong(content: bytes | str, what: str) -> None:
    with pytest.raises(StatementUnreadable) as refused:
        reads(content)
    assert what in refused.value.what_en


def test_a_repeated_page_and_a_changed_line_are_refused() -> None:
    row = make_row()
    with pytest.raises(StatementPageRepeated) as refused:
        unique_lines(reads(write_csv([row, make_row(), row])).lines)
    assert (refused.value.lines, refused.value.bank_reference) == (1, row["reference"])
    with pytest.raises(StatementLineDiffers):
        unique_lines(reads(write_csv([row, {**row, "amount": "100.01"}])).lines)


def test_what_cannot_be_read_is_kept_for_whoever_only_looks() -> None:
    faults = Faults([])
    text = HEADINGS + "2026-13-05,1.00,x,1,,L1\n2026-01-05,1.00,x,1,,L2\n2026-01-05,x,x,1,,L3\n"
    found = read_statement(text.encode(), faults)
    assert [line.bank_reference for line in found.lines] == ["L2"]
    assert [(fault.row, fault.what_en) for fault in faults.found or []] == [
        (2, "the date “2026-13-05”"),
        (4, "the amount “x”"),
    ]
    read_statement(CAMT.replace("2.25", "2.24").encode(), faults)
    assert len(faults.found or []) == 3


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(content: bytes) -> None:
    with contextlib.suppress(StatementUnreadable):
        read_statement(content)


@given(st.integers(min_value=0, max_value=2**53 - 1))
def test_an_amount_comes_back_to_the_fen(fen: int) -> None:
    assert read_amount(f"{fen // 100:,}.{fen % 100:02d}", 1) == fen


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_day_is_read_as_it_was_written(day: date) -> None:
    for shown in (
        f"{day:%Y%m%d}",
        day.isoformat(),
        f"{day.year:04d}年{day.month}月{day.day}日",
        f"{day} 10:11:12",
    ):
        assert read_date(shown, 1) == day


@given(st.integers(min_value=0, max_value=10**8 - 1), st.sampled_from(["BZ", "YJ", "FK"]))
def test_a_reference_is_found_in_a_remark_however_it_was_typed(serial: int, letters: str) -> None:
    reference = make_reference(serial, letters)
    digits = reference[2:]
    assert find_references(f"项目款{reference}请查收") == [reference]
    assert find_references(f"{letters.lower()} {digits[:4]}-{digits[4:]}") == [reference]
    assert reference in find_references(f"缴款码{digits}")
    assert find_references(f"电话1{digits}0") == []
