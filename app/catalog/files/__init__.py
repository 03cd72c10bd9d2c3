"""Files of patents: JSON Lines, CSV and Excel, recognised by their content and read row by row."""

from app.catalog.files.opening import PatentFile, open_patent_file
from app.catalog.files.rows import Limits, Row

__all__ = ["Limits", "PatentFile", "Row", "open_patent_file"]
