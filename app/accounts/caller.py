"""The caller: who asks, for whom, in which roles, and with how narrow a token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from app.accounts.errors import NotPermitted, SessionNeeded, TokenTooNarrow
from app.accounts.permissions import SCOPES, Permission, needed_roles

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Caller:
    """A signed-in person, or the holder of one of his tokens (``scopes`` is then the token's, otherwise None)."""

    person_id: UUID
    organisation_id: UUID
    organisation_kind: str
    roles: frozenset[str]
    scopes: frozenset[str] | None
    is_exchange: bool
    name: str
    organisation_name: str
    sign_in_id: UUID | None = None
    token_id: UUID | None = None

    def may(self, permission: Permission) -> bool:
        """Whether a role carries the permission and the token, if there is one, is wide enough."""
        return self._has_role(permission) and self._in_scope(permission)

    def require(self, permission: Permission) -> None:
        """Raises NotPermitted without a role for it, TokenTooNarrow or SessionNeeded when only the token forbids it."""
        if not self._has_role(permission):
            roles = sorted(str(role) for role in needed_roles(permission, is_exchange=self.is_exchange))
            raise NotPermitted(permission=str(permission), needs_roles=roles)
        if not self._in_scope(permission):
            scope = SCOPES[permission]
            if scope is None:
                raise SessionNeeded
            raise TokenTooNarrow(permission=str(permission), needs_scope=str(scope))

    def require_session(self) -> None:
        """Raises SessionNeeded for the holder of a token: some acts need the person."""
        if self.scopes is not None:
            raise SessionNeeded

    def permissions(self) -> list[Permission]:
        """All that this caller may do, in the order of the table."""
        return [permission for permission in Permission if self.may(permission)]

    def _has_role(self, permission: Permission) -> bool:
        return bool(self.roles & needed_roles(permission, is_exchange=self.is_exchange))

    def _in_scope(self, permission: Permission) -> bool:
        return self.scopes is None or SCOPES[permission] in self.scopes


def role_names(roles: Iterable[str]) -> frozenset[str]:
    """Roles as plain text, as a caller carries them."""
    return frozenset(str(role) for role in roles)
