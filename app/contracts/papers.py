"""Papers as PDF: typst with the embedded Song and sans fonts of a wheel, no system font, no network, no clock.

Data enter a template as JSON and stay text there, so nothing a user wrote can become markup. The same data give the
same bytes: PDF/A-2b, whose dates come from the data.
"""

from __future__ import annotations

import io
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import orjson
import pylopdf_fonts_zh_cn
import segno
import typst

from app.contracts.typeface import shown

_TEMPLATES: Final = Path(__file__).parent / "templates"
Paper = Literal["certificate", "contract", "confirmation", "record", "sheet"]


@cache
def _fonts() -> typst.Fonts:
    """The two fonts of the wheel; reading them takes longer than setting a page, so it happens once."""
    folder = pylopdf_fonts_zh_cn.serif_path().parent
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


@cache
def _template(paper: Paper) -> bytes:
    return (_TEMPLATES / "paper.typ").read_bytes() + (_TEMPLATES / f"{paper}.typ").read_bytes()


def qr_svg(address: str) -> str:
    """Draws an address as a QR code (二维码) that still reads with 15 per cent of it damaged."""
    out = io.BytesIO()
    segno.make_qr(address, error="m").save(out, kind="svg", border=0, xmldecl=False, svgns=True, nl=False)
    return out.getvalue().decode()


def _compiler(paper: Paper, data: dict[str, Any]) -> typst.Compiler:
    return typst.Compiler(
        _template(paper),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": orjson.dumps(shown(data)).decode()},
    )


def make_pdf(paper: Paper, data: dict[str, Any], issued_at: datetime) -> bytes:
    """Sets a paper as PDF/A-2b; CPU work of some 0.1 s, to be called in a thread."""
    compiler = _compiler(paper, data)
    pdf = compiler.compile(format="pdf", pdf_standards=["a-2b"], timestamp=int(issued_at.timestamp()))
    if not isinstance(pdf, bytes):
        raise TypeError(paper)
    return pdf


def make_png(paper: Paper, data: dict[str, Any], *, ppi: float = 144) -> list[bytes]:
    """Sets a paper as pictures, one a page, for looking at it and for tests that read its QR code."""
    pages = _compiler(paper, data).compile(format="png", ppi=ppi)
    return pages if isinstance(pages, list) else [pages] if pages else []
