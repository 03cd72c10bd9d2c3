"""Texts that come in a query string."""

from typing import Annotated

from pydantic import StringConstraints

# PostgreSQL's text cannot hold NUL; half a surrogate pair cannot arrive in a decoded query string.
FreeText = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
