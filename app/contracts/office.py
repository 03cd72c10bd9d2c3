"""The office that draws up and registers: names and codes that come from the settings, handed down by the edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.settings import Settings


@dataclass(frozen=True)
class Office:
    """The exchange's names, the registration office's codes, and the address under which certificates are verified."""

    exchange_zh: str
    exchange_en: str
    name: str
    region_code: str
    office_code: str
    public_url: str

    def verify_url(self, code: str) -> str:
        """The public page that verifies a certificate."""
        return f"{self.public_url.rstrip('/')}/verify/{code}"


def office_of(settings: Settings) -> Office:
    """Reads the office from the settings."""
    return Office(
        exchange_zh=settings.exchange_name_zh,
        exchange_en=settings.exchange_name_en,
        name=settings.registration_office_name,
        region_code=settings.registration_region_code,
        office_code=settings.registration_office_code,
        public_url=settings.public_url,
    )
