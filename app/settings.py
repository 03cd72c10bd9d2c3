"""Configuration from the environment; a production server refuses to start with the defaults of development."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_DEVELOPMENT_SECRET = "development-only-secret-not-for-production"  # noqa: S105 - refused in production below
_SHORTEST_SECRET = 32


class Settings(BaseSettings):
    """All settings; each can be given as MARKET_<NAME>, the two servers also as DATABASE_URL and REDIS_URL."""

    model_config = SettingsConfigDict(env_prefix="MARKET_", extra="ignore")

    environment: Literal["development", "production"] = "development"
    exchange_name_zh: str = "技术交易市场"
    exchange_name_en: str = "Technology Trading Market"
    public_url: str = "http://127.0.0.1:8000"
    secret_key: SecretStr = SecretStr(_DEVELOPMENT_SECRET)
    signing_key: SecretStr | None = None
    # The other half is the worker's alone and no setting of this class: MARKET_MASTER_KEY (app.auction.master_keys).
    master_public_key: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    database_url: str | None = Field(
        default=None, validation_alias=AliasChoices("DATABASE_URL", "MARKET_DATABASE_URL", "database_url")
    )
    redis_url: str | None = Field(
        default=None, validation_alias=AliasChoices("REDIS_URL", "MARKET_REDIS_URL", "redis_url")
    )
    stripe_secret_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("STRIPE_SECRET_KEY", "stripe_secret_key")
    )
    stripe_webhook_secret: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("STRIPE_WEBHOOK_SECRET", "stripe_webhook_secret")
    )
    stripe_api_base: str | None = Field(
        default=None, validation_alias=AliasChoices("STRIPE_API_BASE", "stripe_api_base")
    )
    data_dir: Path = Path("data")
    postgres_bin: Path | None = None
    frontend_dir: Path = Path(__file__).resolve().parent.parent / "frontend" / "dist"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_json: bool = False
    metrics_token: SecretStr | None = None
    # Where mail is handed over: smtp://name:password@host:587. Without it mail is put into the data folder's outbox.
    smtp_url: SecretStr | None = None
    mail_from: str = Field(default="market@localhost.localdomain", pattern=r"^[^@\s]+@[^@\s]+$")

    password_time_cost: int = 3
    password_memory_kib: int = 65536
    session_days: int = 14
    session_idle_hours: int = 12
    sign_in_limit: str = "10/minute"
    bid_limit: str = "20/second"
    # How long an Idempotency-Key is kept with its answer; afterwards it is a new one.
    idempotency_hours: int = Field(default=24, ge=1, le=24 * 366)
    desk_queue: int = 4096
    socket_frame_bytes: int = 4096
    socket_messages_per_second: int = 30
    heartbeat_seconds: float = Field(default=5, gt=0)
    interruption_seconds: float = Field(default=30, gt=0)

    deposit_account_name: str = "技术交易市场保证金专户"
    deposit_account_bank: str = "演示银行（请在设置中填写开户行）"
    deposit_account_number: str = "0000 0000 0000 0000"
    registration_region_code: str = "1100"
    registration_office_code: str = "01"
    registration_office_name: str = "技术合同登记机构"

    @property
    def takes_cards(self) -> bool:
        """Whether a card gateway is configured; bank transfer is always there."""
        return self.stripe_secret_key is not None

    @model_validator(mode="after")
    def _gateway_whole_or_not_at_all(self) -> Self:
        if (self.stripe_secret_key is None) != (self.stripe_webhook_secret is None):
            message = "STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET must be set together: without the second one no payment is heard of"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _refuse_defaults_in_production(self) -> Self:
        if self.environment == "production":
            for is_wrong, message in self._production_checks():
                if is_wrong:
                    raise ValueError(message)
        return self

    def _production_checks(self) -> list[tuple[bool, str]]:
        """What a production server must not leave at its default, each with what to set."""
        secret = self.secret_key.get_secret_value()
        return [
            (
                secret == _DEVELOPMENT_SECRET or len(secret) < _SHORTEST_SECRET,
                f"MARKET_SECRET_KEY must be set to at least {_SHORTEST_SECRET} random characters in production",
            ),
            (
                self.signing_key is None,
                "MARKET_SIGNING_KEY must be set in production: openssl rand -base64 32",
            ),
            (
                not self.public_url.startswith("https://"),
                "MARKET_PUBLIC_URL must start with https:// in production",
            ),
            (
                self.deposit_account_number.startswith("0000"),
                "MARKET_DEPOSIT_ACCOUNT_NAME, _BANK and _NUMBER must name the real account in production",
            ),
            (
                "registration_office_name" not in self.model_fields_set,
                "MARKET_REGISTRATION_REGION_CODE, _OFFICE_CODE and _OFFICE_NAME must be set in production",
            ),
        ]
