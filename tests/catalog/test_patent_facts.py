"""Facts of a patent: dates, types, classes, names, marks, comparison, terms."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalog.classification import parse_classification
from app.catalog.columns import COLUMNS, missing_columns, pick_facts
from app.catalog.errors import (
    ClassificationMalformed,
    DateMalformed,
    DiffersFromRecord,
    FactMissing,
    FactTooLong,
    FilingDateImpossible,
    TextUnreadable,
    TypeDiffers,
    TypeNeeded,
    TypeUnknown,
)
from app.catalog.patent_facts import names_organisation, read_date, read_facts, require_same
from app.catalog.patent_number import PatentType, check_digit
from app.catalog.patent_terms import expires_on
from app.errors import Invalid
from tests.make_catalog import application_number, written_patent

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    "written",
    [
        "2014-04-28",
        "2014.04.28",
        "2014/4/28",
        "20140428",
        "2014年4月28日",
        "２０１４．０４．２８",
        " 2014-04-28 00:00:00 ",
    ],
)
def test_every_way_of_writing_a_date_is_read(written: str) -> None:
    assert read_date(written) == date(2014, 4, 28)


@pytest.mark.parametrize(
    "written", ["", "2014-02-30", "28.04.2014", "2014-13-01", "昨天", "41757", "2014-04-28 23:30:00"]
)
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(DateMalformed):
        read_date(written)


@settings(deadline=None)
@given(
    st.dates(date(1985, 4, 1), TODAY),
    st.sampled_from(["%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"]),
)
def test_a_date_written_in_any_form_comes_back(day: date, form: str) -> None:
    assert read_date(day.strftime(form)) == day


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("H01M10/0525", "H01M10/0525"),
        ("H01M 10/0525", "H01M10/0525"),
        ("E01B3/32(2006.01)I", "E01B3/32"),
        ("A01K67/033（2006.01）I", "A01K67/033"),
        ("g06f", "G06F"),
        ("09-03", "09-03"),
        ("06-06-B0412", "06-06-B0412"),
    ],
)
def test_a_class_is_normalised(written: str, plain: str) -> None:
    assert parse_classification(written) == plain


@pytest.mark.parametrize("written", ["", "I01M10/05", "H01", "H01M10", "H01M10/", "9-3", "电池"])
def test_what_is_no_class_is_refused(written: str) -> None:
    with pytest.raises(ClassificationMalformed):
        parse_classification(written)


def test_good_facts_are_read_and_marked_as_unverified() -> None:
    facts = read_facts(written_patent(7, title="  一种储能装置 "), TODAY)
    assert facts.title == "一种储能装置"
    assert facts.patent_type is PatentType.INVENTION
    assert facts.filing_on == date(2015, 5, 1)
    assert facts.marks == ("legal_status_unverified",)


def test_the_number_tells_the_type_when_it_is_not_given() -> None:
    row = written_patent(1, application_no=application_number(1, kind="2"), patent_type="")
    assert read_facts(row, TODAY).patent_type is PatentType.UTILITY_MODEL


@pytest.mark.parametrize("written", ["发明", "发明专利", "Invention", " 发明 专利 "])
def test_the_type_goes_by_several_names(written: str) -> None:
    assert read_facts(written_patent(patent_type=written), TODAY).patent_type is PatentType.INVENTION


def test_a_type_that_the_number_contradicts_is_refused() -> None:
    with pytest.raises(TypeDiffers) as raised:
        read_facts(written_patent(patent_type="实用新型"), TODAY)
    assert "表示发明" in raised.value.detail("zh")


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(TypeUnknown):
        read_facts(written_patent(patent_type="植物新品种"), TODAY)


def test_an_unknown_kind_digit_needs_the_type_and_is_marked() -> None:
    row = written_patent(application_no=application_number(1, kind="4"), patent_type="")
    with pytest.raises(TypeNeeded):
        read_facts(row, TODAY)
    assert "kind_unknown" in read_facts({**row, "patent_type": "发明"}, TODAY).marks


def test_an_old_number_without_check_digit_is_marked() -> None:
    row = written_patent(application_no="CN85102475", filing_on="1985-04-01")
    assert "no_check_digit" in read_facts(row, TODAY).marks


def test_a_withheld_applicant_is_marked() -> None:
    facts = read_facts(written_patent(applicant="  "), TODAY)
    assert facts.applicant is None
    assert "applicant_withheld" in facts.marks


def test_a_filing_date_of_another_year_than_the_number_is_marked_but_for_pct() -> None:
    assert "filing_year_differs" in read_facts(written_patent(filing_on="2013-05-01"), TODAY).marks
    pct = written_patent(application_no=application_number(1, kind="8"), filing_on="2013-05-01")
    assert "filing_year_differs" not in read_facts(pct, TODAY).marks


@pytest.mark.parametrize("day", ["1985-03-31", "2026-11-23", "2099-01-01"])
def test_a_filing_date_before_the_law_or_after_today_is_refused(day: str) -> None:
    with pytest.raises(FilingDateImpossible):
        read_facts(written_patent(filing_on=day), TODAY)


@pytest.mark.parametrize("fact", ["application_no", "title", "filing_on", "ipc_main"])
def test_a_fact_every_patent_has_must_be_there(fact: str) -> None:
    with pytest.raises(FactMissing) as raised:
        read_facts({**written_patent(), fact: " "}, TODAY)
    assert COLUMNS[fact].name_zh in raised.value.detail("zh")


@pytest.mark.parametrize("title", ["一种\x00装置", "一种\ufffd装置", "一种\n装置", "a\x1bb"])
def test_an_unreadable_text_is_refused(title: str) -> None:
    with pytest.raises(TextUnreadable):
        read_facts(written_patent(title=title), TODAY)


def test_half_a_surrogate_pair_is_no_text() -> None:
    with pytest.raises(TextUnreadable):
        read_facts(written_patent(title="一种\udce4装置"), TODAY)


def test_a_text_that_is_too_long_is_refused() -> None:
    assert len(read_facts(written_patent(title="长" * 500), TODAY).title) == 500
    with pytest.raises(FactTooLong):
        read_facts(written_patent(title="长" * 501), TODAY)


def test_the_same_facts_are_the_same_record() -> None:
    facts = read_facts(written_patent(), TODAY)
    require_same(facts, facts)
    require_same(facts, replace(facts, applicant=None))


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("title", "别的"),
        ("filing_on", date(2015, 5, 2)),
        ("ipc_main", "A01B1/00"),
        ("applicant", "别人"),
        ("patent_no", "CN105761178A"),
    ],
)
def test_another_fact_is_named_with_both_values(fact: str, value: object) -> None:
    facts = read_facts(written_patent(), TODAY)
    with pytest.raises(DiffersFromRecord) as raised:
        require_same(facts, replace(facts, **{fact: value}))  # type: ignore[arg-type]
    assert COLUMNS[fact].name_zh in raised.value.detail("zh")
    assert str(value) in raised.value.detail("en")


def refusal_of(row: dict[str, str]) -> Invalid | None:
    try:
        assert read_facts(row, TODAY).title
    except Invalid as error:
        return error
    return None


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(COLUMNS)), st.text(max_size=30)))
def test_any_row_is_read_or_refused_with_a_reason(cells: dict[str, str]) -> None:
    error = refusal_of({**written_patent(), **cells})
    assert error is None or (error.detail("zh") and error.detail("en"))


def test_columns_go_by_the_offices_names_in_any_width_and_case() -> None:
    row = {
        " 申请号 ": "1",
        "名称": "2",
        "申请日": "3",
        "主分类号": "4",
        "申请（专利权）人": "5",
        "公开(公告)号": "6",
        "摘要": "7",
    }
    assert not missing_columns(row)
    assert pick_facts(row) == {
        "application_no": "1",
        "title": "2",
        "patent_type": "",
        "filing_on": "3",
        "ipc_main": "4",
        "applicant": "5",
        "patent_no": "6",
    }


def test_of_two_columns_for_one_fact_the_more_telling_that_is_filled_counts() -> None:
    assert pick_facts({"专利权人": "乙", "申请人": "甲"})["applicant"] == "甲"
    assert pick_facts({"专利权人": "乙", "申请人": " "})["applicant"] == "乙"


def test_no_heading_stands_for_two_facts() -> None:
    headings = [heading for column in COLUMNS.values() for heading in column.headings]
    assert len(headings) == len(set(headings))


@pytest.mark.parametrize(
    ("applicant", "is_named"),
    [
        ("虚构大学", True),
        ("虚构 大学", True),
        ("甲公司; 虚构大学", True),
        ("甲公司；虚构大学", True),
        ("甲、虚构大学", True),
        ("虚构大学附属医院", False),
        ("", False),
        (None, False),
        ("ＡＢＣ公司", False),
    ],
)
def test_an_organisation_is_found_among_the_applicants(applicant: str | None, is_named: bool) -> None:  # noqa: FBT001
    assert names_organisation(applicant, "虚构大学") is is_named


def test_names_are_compared_without_width_and_case() -> None:
    assert names_organisation("ＡＢＣ（山东）公司", "abc(山东)公司")


@pytest.mark.parametrize(
    ("filing_on", "years", "ends_on"),
    [
        (date(1999, 9, 6), 10, date(2009, 9, 6)),  # the example of 专利审查指南
        (date(2006, 11, 22), 20, date(2026, 11, 22)),
        (date(2024, 2, 29), 15, date(2039, 2, 28)),
        (date(2024, 2, 29), 20, date(2044, 2, 29)),
    ],
)
def test_a_term_ends_on_the_filing_dates_day(filing_on: date, years: int, ends_on: date) -> None:
    assert expires_on(PatentType.INVENTION, filing_on, years) == ends_on


@settings(deadline=None)
@given(st.dates(date(1985, 4, 1), TODAY), st.sampled_from([10, 15, 20]))
def test_a_term_has_its_years(filing_on: date, years: int) -> None:
    ends_on = expires_on(PatentType.DESIGN, filing_on, years)
    assert ends_on.year == filing_on.year + years
    assert timedelta(365 * years) <= ends_on - filing_on <= timedelta(366 * years)


def test_a_term_of_no_years_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="term"):
        expires_on("design", date(2020, 1, 1), 0)


def test_the_check_digit_of_the_makers_number_holds() -> None:
    number = application_number(42)
    assert number.endswith(check_digit(number[2:14]))
