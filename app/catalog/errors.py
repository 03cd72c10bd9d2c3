"""What the catalogue refuses: facts of a patent that cannot be right, and files that cannot be read.

Errors about facts are raised for a form and written beside each refused row of an import.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.errors import Conflict, Invalid, Missing, TooLarge


@dataclass(eq=False)
class NumberMalformed(Invalid):
    """The application number has no form that was ever given."""

    zh = "“{written}”不是专利申请号。正确形式如 CN201710601862.3（12 位加校验位）或 CN97101765.4（2003 年 10 月前，8 位加校验位）。"
    en = (
        "“{written}” is no patent application number. Write it like CN201710601862.3 (12 digits and the check digit) "
        "or CN97101765.4 (8 digits and the check digit, before October 2003)."
    )
    written: str


@dataclass(eq=False)
class NumberYearImpossible(Invalid):
    """The year in the application number cannot be."""

    zh = "申请号“{written}”中的年份 {year} 不可能：8 位号用于 1985 至 2003 年，12 位号用于 2003 年起。"
    en = (
        "The year {year} in the application number “{written}” cannot be: 8-digit numbers were given from 1985 to "
        "2003, 12-digit numbers since 2003."
    )
    written: str
    year: int


@dataclass(eq=False)
class CheckDigitWrong(Invalid):
    """The check digit does not fit the application number."""

    zh = "申请号“{written}”的校验位应为 {expected}，写的是 {found}。请核对号码，正确写法可能是 {corrected}。"
    en = (
        "The check digit of “{written}” should be {expected} and is {found}. Check the number; it may be meant as "
        "{corrected}."
    )
    written: str
    expected: str
    found: str
    corrected: str


@dataclass(eq=False)
class CheckDigitMissing(Invalid):
    """The application number lacks its check digit."""

    zh = "申请号“{written}”缺校验位，应为 {expected}，即 {corrected}。只有 1989 年以前的号码可以没有校验位。"
    en = "“{written}” lacks its check digit {expected}: {corrected}. Only numbers of before 1989 may go without one."
    written: str
    expected: str
    corrected: str


@dataclass(eq=False)
class TypeUnknown(Invalid):
    """The kind of patent is not known."""

    zh = "不认识专利类型“{written}”。请写发明、实用新型或外观设计。"
    en = "The patent type “{written}” is not known. Write invention, utility_model or design."
    written: str


@dataclass(eq=False)
class TypeDiffers(Invalid):
    """The kind of patent differs from the application number."""

    zh = "申请号 {application_no} 表示{by_number}，写的是{written}。请核对号码或类型。"
    en = "The number {application_no} stands for {by_number}, but {written} is given. Check the number or the type."
    application_no: str
    by_number: str
    written: str


@dataclass(eq=False)
class TypeNeeded(Invalid):
    """The kind of patent cannot be told from the number."""

    zh = "从申请号 {application_no} 看不出专利类型。请写明发明、实用新型或外观设计。"
    en = "The number {application_no} does not tell the patent type. Give invention, utility_model or design."
    application_no: str


@dataclass(eq=False)
class DateMalformed(Invalid):
    """The filing date is no date."""

    zh = "申请日“{written}”不是日期。请写成 2014-04-28、2014.04.28 或 20140428。"
    en = "The filing date “{written}” is no date. Write it like 2014-04-28, 2014.04.28 or 20140428."
    written: str


@dataclass(eq=False)
class FilingDateImpossible(Invalid):
    """The filing date cannot be."""

    zh = "申请日 {filing_on} 不可能：应在 1985-04-01（专利法施行日）与今天 {today} 之间。"
    en = (
        "The filing date {filing_on} cannot be: it lies between 1985-04-01, when the Patent Law came into force, and "
        "today, {today}."
    )
    filing_on: date
    today: date


@dataclass(eq=False)
class ClassificationMalformed(Invalid):
    """The main class is neither of the IPC nor of the Locarno classification."""

    zh = "主分类号“{written}”不对。发明、实用新型写国际专利分类号，如 H01M10/0525；外观设计写洛迦诺分类号，如 09-03。"
    en = (
        "The main class “{written}” is not right. Inventions and utility models take an IPC symbol like H01M10/0525, "
        "designs a Locarno class like 09-03."
    )
    written: str


@dataclass(eq=False)
class PatentNumberMalformed(Invalid):
    """The publication number has no form that was ever given."""

    zh = "公开（公告）号“{written}”不对，正确形式如 CN105761178A 或 CN202644312U。"
    en = "The publication number “{written}” is not right. Write it like CN105761178A or CN202644312U."
    written: str


@dataclass(eq=False)
class FactMissing(Invalid):
    """A fact that every patent has is missing."""

    zh = "缺“{name_zh}”。每件专利都要写明。"
    en = "The {name_en} is missing. Every patent has one."
    name_zh: str
    name_en: str


@dataclass(eq=False)
class FactTooLong(Invalid):
    """A fact is longer than it can be."""

    zh = "“{name_zh}”有 {length} 字，最多 {most} 字。"
    en = "The {name_en} has {length} characters; at most {most} are taken."
    name_zh: str
    name_en: str
    length: int
    most: int


@dataclass(eq=False)
class TextUnreadable(Invalid):
    """A text holds characters that no text has."""

    zh = "“{name}”含有无法识别的字符（编码错误或控制字符）。请用 UTF-8 重新保存这一行。"
    en = "“{name}” holds unreadable characters (a wrong encoding or control characters). Save the row again as UTF-8."
    name: str


@dataclass(eq=False)
class FormulaRefused(Invalid):
    """A cell holds a formula instead of a value."""

    zh = "“{column}”一格是公式，不是值。请在表格软件里“选择性粘贴为数值”后再导入。"
    en = "The cell “{column}” holds a formula, not a value. Paste it as values in the spreadsheet and import again."
    column: str


@dataclass(eq=False)
class RowUnreadable(Invalid):
    """A row cannot be read."""

    zh = "这一行读不出来：{why_zh}。"
    en = "The row cannot be read: {why_en}."
    why_zh: str
    why_en: str


@dataclass(eq=False)
class DiffersFromRecord(Invalid):
    """The row differs from the patent in the record."""

    zh = "与已有记录不符：{application_no} 的“{name_zh}”已记为“{recorded}”，这里是“{written}”。已有记录没有改动。"
    en = (
        "It differs from the record: the {name_en} of {application_no} is recorded as “{recorded}” and given here as "
        "“{written}”. The record was not changed."
    )
    application_no: str
    name_zh: str
    name_en: str
    recorded: str
    written: str


@dataclass(eq=False)
class RecordedElsewhere(Invalid):
    """The patent is in the record of somebody else."""

    zh = "{application_no} 已由其他单位录入，不能再记在你单位名下。如有疑问请联系交易所。"
    en = (
        "{application_no} has been entered by another organisation and cannot be entered under yours. "
        "Ask the exchange if this is wrong."
    )
    application_no: str


@dataclass(eq=False)
class PatentAlreadyRecorded(Conflict):
    """The patent is in the record already."""

    zh = "{application_no} 已在目录中，不能重复录入。"
    en = "{application_no} is in the catalogue already and is not entered twice."
    application_no: str


@dataclass(eq=False)
class PatentMissing(Missing):
    """There is no such patent."""

    zh = "没有这件专利。"
    en = "There is no such patent."


@dataclass(eq=False)
class ImportMissing(Missing):
    """There is no such import, or it is not yours to see."""

    zh = "没有这次导入，或者它不是你单位的。"
    en = "There is no such import, or it is not your organisation's."


@dataclass(eq=False)
class FileUnreadable(Invalid):
    """The file cannot be read."""

    zh = "文件读不出来：{why_zh}。"
    en = "The file cannot be read: {why_en}."
    why_zh: str
    why_en: str


@dataclass(eq=False)
class FileEmpty(Invalid):
    """The file holds no patents."""

    zh = "文件里没有一行数据。"
    en = "The file holds no row of data."


@dataclass(eq=False)
class FileFormatUnknown(Invalid):
    """The file is of no format that is read here."""

    zh = "不认识这种文件：{why_zh}。请上传 JSON Lines（可 .gz 压缩）、CSV 或 Excel（.xlsx）。"
    en = "The file's format is not known: {why_en}. Send JSON Lines (also as .gz), CSV or Excel (.xlsx)."
    why_zh: str
    why_en: str


@dataclass(eq=False)
class ColumnsUnknown(Invalid):
    """The file lacks the columns that a patent needs."""

    zh = "没有找到这些列：{missing_zh}。文件的列名是：{found}。请用专利局导出的列名，如 申请号、名称、申请日、主分类号。"
    en = (
        "These columns were not found: {missing_en}. The file has: {found}. Use the patent office's column names "
        "(申请号, 名称, 申请日, 主分类号) or application_no, title, filing_date, ipc_main."
    )
    missing_zh: str
    missing_en: str
    found: str


@dataclass(eq=False)
class FileTooLarge(TooLarge):
    """The file is larger than is taken."""

    zh = "文件太大：{what_zh}最多 {most}。请分成几个文件。"
    en = "The file is too large: at most {most} {what_en}. Split it into several files."
    what_zh: str
    what_en: str
    most: int


@dataclass(eq=False)
class ArchiveUnsafe(Invalid):
    """The workbook unpacks to something that no workbook is."""

    zh = "这个 Excel 文件不安全，没有打开：{why_zh}。请从表格软件重新另存为 .xlsx。"
    en = "The workbook is not safe and was not opened: {why_en}. Save it again as .xlsx from a spreadsheet program."
    why_zh: str
    why_en: str
