"""Classes of patents: the IPC for inventions and utility models, the Locarno classification for designs; pure."""

from __future__ import annotations

import re
import unicodedata

from app.catalog.errors import ClassificationMalformed

# A subclass with or without its group: G06F, H01M10/0525. (IPC: WIPO, International Patent Classification.)
IPC_FORM = r"^[A-H][0-9]{2}[A-Z]([0-9]{1,4}/[0-9]{2,6})?$"
# Class-subclass, in older records with the serial number of the article: 09-03, 06-06-B0412.
LOCARNO_FORM = r"^[0-9]{2}-[0-9]{2}(-[A-Z][0-9]{4})?$"
_VERSION = re.compile(r"\(\d{4}(\.\d{2})?\)[A-Z]{0,2}$")
_IPC = re.compile(IPC_FORM)
_LOCARNO = re.compile(LOCARNO_FORM)


def parse_classification(written: str) -> str:
    """Normalises a main class: full-width characters, blanks and the version ``(2006.01)I`` go.

    Raises ClassificationMalformed.
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", written)).upper()
    plain = _VERSION.sub("", plain)
    if not (_IPC.match(plain) or _LOCARNO.match(plain)):
        raise ClassificationMalformed(written[:100])
    return plain
