"""Rules about roles: which fit where, and that an organisation keeps an admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.accounts.errors import LastAdmin, RoleUnfit
from app.accounts.permissions import Role

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID


def require_fit(roles: Iterable[str], fit: frozenset[Role]) -> frozenset[str]:
    """The roles as a set of plain texts. Raises RoleUnfit for one that does not exist on this side."""
    wanted = frozenset(str(role) for role in roles)
    for role in sorted(wanted):
        if role not in fit:
            raise RoleUnfit(role=role, fit=", ".join(sorted(fit)))
    return wanted


def require_admin_left(admins: frozenset[UUID], person_id: UUID, roles: frozenset[str]) -> None:
    """Raises LastAdmin when giving this person these roles would leave the organisation without an admin."""
    after = admins | {person_id} if Role.ADMIN in roles else admins - {person_id}
    if admins and not after:
        raise LastAdmin
