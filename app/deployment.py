"""The deployment's mark: a database is for demonstration from its creation on, or never."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

if TYPE_CHECKING:
    from app.db import AnySession


class Deployment(Base):
    """The one row that says what this database is; a trigger refuses any later change."""

    __tablename__ = "deployment"
    __table_args__ = (CheckConstraint('"only"', name="only"),)

    only: Mapped[bool] = mapped_column(primary_key=True, server_default="true")
    id: Mapped[UUID] = mapped_column(server_default=func.gen_random_uuid())
    is_demonstration: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


async def get_deployment(session: AnySession) -> Deployment:
    """The row that says what this database is."""
    return (await session.execute(select(Deployment))).scalar_one()


async def is_demonstration(session: AnySession) -> bool:
    """Whether this database was marked as demonstration when it was made."""
    return bool((await session.execute(select(Deployment.is_demonstration))).scalar_one())
