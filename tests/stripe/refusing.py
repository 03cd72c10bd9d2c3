"""A refusal of the stand-in, as Stripe's API words it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.stripe.objects import Json


@dataclass
class Refused(Exception):
    """An error as the API answers it."""

    message: str
    code: str | None = None
    kind: str = "invalid_request_error"
    status: int = 400
    param: str | None = None
    extra: Json = field(default_factory=dict)

    def body(self) -> Json:
        """The error object."""
        given = {"code": self.code, "param": self.param}
        found = {name: value for name, value in given.items() if value is not None}
        return {"error": {"type": self.kind, "message": self.message, **found, **self.extra}}
