"""Every environment variable Sekisho reads, with its type, default and meaning.

``sekisho doctor`` prints this table and ``docs/operations.md`` is tested against it. A value that cannot be
read stops the start with its name, the value and the mend.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from sekisho.people.roles import ROLES
from sekisho.sanitizer.policies import Policy

CommaList = Annotated[list[str], NoDecode]


class Environment(BaseSettings):
    """Typed environment. Secrets may also be read from files named ``<VARIABLE>_FILE``."""

    model_config = SettingsConfigDict(env_prefix="SEKISHO_", env_ignore_empty=True, extra="ignore")

    data_dir: Path = Field(
        Path("var"),
        description="Folder for the SQLite database, uploaded files, static files and the secret key. Made when missing.",
    )
    database_url: str = Field(
        "",
        validation_alias="DATABASE_URL",
        description="postgresql://user:password@host/name, or empty for SQLite in the data folder.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signing key. Empty: one is made and kept in the data folder, readable by its owner only.",
    )
    secret_key_file: Path | None = Field(
        None, description="File that holds the signing key, used when SEKISHO_SECRET_KEY is empty."
    )
    secret_key_fallbacks: CommaList = Field(
        [],
        description="Earlier signing keys, separated by commas, newest first: what they signed and sealed still holds.",
    )
    debug: bool = Field(
        False, description="Developer mode: error pages with detail. Never on a reachable machine."
    )
    allowed_hosts: CommaList = Field(
        ["127.0.0.1", "localhost", "[::1]"],
        description="Host names the server answers to, separated by commas.",
    )
    base_url: str = Field(
        "http://127.0.0.1:8000",
        description="Address people use; written into e-mails and used for cookies and CSRF.",
    )
    behind_proxy: bool = Field(
        False,
        description="True when a reverse proxy that sets X-Forwarded-Proto and X-Forwarded-For stands in front.",
    )
    time_zone: str = Field("Asia/Tokyo", description="Time zone in which dates and times are shown.")
    language: Literal["ja", "en"] = Field(
        "ja", description="Language when neither person nor browser prefers one."
    )
    fiscal_year_start_month: int = Field(4, ge=1, le=12, description="First month of the fiscal year.")
    availability_target: float = Field(
        99.9, ge=50, le=99.99, description="Percent of the time in which services in use should be available."
    )
    email_url: str = Field(
        "", description="smtp://user:password@host:587?tls=true, or empty to write mail to the data folder."
    )
    email_from: str = Field("sekisho@localhost", description="Sender of notices.")
    mfa_required_roles: CommaList = Field(
        [],
        description="Roles that must use a second factor, separated by commas, for example admin,quality_office.",
    )
    oidc_providers: str = Field(
        "[]",
        description="OpenID Connect providers as JSON: a list of {provider_id, name, client_id, secret, settings:{server_url}}.",
    )
    upload_max_bytes: int = Field(
        104_857_600, ge=1, description="Largest file that may be uploaded, in bytes."
    )
    file_policy: str = Field(
        "inbound",
        description="Sanitizer policy that uploaded files pass before anyone can open them: a shipped one, or a YAML file of your own.",
    )
    gateway_key: SecretStr = Field(
        SecretStr(""),
        description="Secret from which the key of held files is derived. Empty: the signing key. Keep it: without it held files cannot be opened.",
    )
    gateway_max_bytes: int = Field(
        2_147_483_648, ge=1, description="Largest file that may be uploaded for a transfer, in bytes."
    )
    gateway_by_hand_minutes: int = Field(
        10,
        ge=1,
        description="Minutes that carrying one file across by hand took, for the figure of time saved.",
    )
    gateway_side: Literal["single", "outer", "inner"] = Field(
        "single",
        description="Which server this is: the only one, the outer one that receives and sanitizes, or the inner one that fetches.",
    )
    gateway_spool: str = Field(
        "",
        description="Folder, or s3://bucket/prefix?endpoint=…, through which the outer server hands packages to the inner one. Empty: spool in the data directory.",
    )
    gateway_outward_spool: str = Field(
        "",
        description="Folder, or s3://bucket/prefix?endpoint=…, through which the inner server hands approved packages to the outer one. Empty: nothing leaves by packages.",
    )
    gateway_storage: str = Field(
        "",
        description="Where held files lie: s3://bucket/prefix?endpoint=https://host&region=name. Empty: a folder in the data directory.",
    )
    gateway_signing_key: str = Field(
        "", description="File of the private key with which this server signs its packages."
    )
    gateway_checking_key: str = Field(
        "", description="File of the public key by which packages of the other server are checked."
    )
    gateway_require_sandbox: bool = Field(
        True,
        description="Refuse transfers where the kernel cannot lock the sanitizer in (Landlock, seccomp).",
    )
    publication_delay_hours: int = Field(
        24,
        ge=1,
        description="Hours before a decision about what is public takes effect, in which it can be taken back.",
    )
    open_data_licence: Literal["CC-BY-4.0", "CC0-1.0", "PDL-1.0"] = Field(
        "CC-BY-4.0", description="Licence of the public pages and the open data."
    )
    open_data_contact: str = Field(
        "", description="E-mail or web address for questions about the open data. Empty: none is named."
    )
    jobs_broker: SecretStr = Field(
        SecretStr(""),
        description="Broker that carries ids of jobs to many workers: amqp://… (RabbitMQ) or redis://…. Empty: workers look into the database.",
    )
    session_hours: int = Field(10, ge=1, description="Hours after which a session ends.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="How much the server writes to its log."
    )
    job_retention_days: int = Field(
        90, ge=1, description="Days after which finished background work is forgotten."
    )

    @field_validator("allowed_hosts", "mfa_required_roles", "secret_key_fallbacks", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )

    @field_validator("file_policy")
    @classmethod
    def _is_policy(cls, value: str) -> str:
        Policy.chosen(value)
        return value

    @field_validator("mfa_required_roles")
    @classmethod
    def _are_roles(cls, value: list[str]) -> list[str]:
        if unknown := [role for role in value if role not in ROLES]:
            raise ValueError(f"no role is called {', '.join(unknown)}; there are {', '.join(ROLES)}")
        return value

    @field_validator("oidc_providers")
    @classmethod
    def _is_list(cls, value: str) -> str:
        try:
            found = json.loads(value or "[]")
        except ValueError as problem:
            raise ValueError(f"is not JSON: {problem}") from None
        if not isinstance(found, list):
            raise ValueError("must be a JSON list of providers")
        for number, provider in enumerate(found, start=1):
            if lacking := _lacks(provider):
                raise ValueError(f"provider {number} lacks {', '.join(lacking)}")
        return value or "[]"

    @field_validator("base_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")


def _lacks(provider: object) -> list[str]:
    """Which entries a provider needs to sign anybody in and does not have."""
    given = provider if isinstance(provider, dict) else {}
    options = given.get("settings")
    lacking = [key for key in ("provider_id", "name", "client_id") if not given.get(key)]
    server = urlsplit(str(options.get("server_url", "")) if isinstance(options, dict) else "")
    # the way to it vouches for what it says: nobody else may stand there
    is_own = server.scheme == "http" and server.hostname in ("127.0.0.1", "localhost", "::1")
    has_server = server.netloc and (server.scheme == "https" or is_own)
    return lacking if has_server else [*lacking, "settings.server_url (https://…)"]


def sign_in_origins(providers: list[dict[str, Any]]) -> list[str]:
    """Origins a browser may be led to when it signs in: of each provider's ``server_url``, and those it lists
    under ``sign_in_origins`` where its sign-in page lives on another host."""
    found: set[str] = set()
    for provider in providers:
        options = provider.get("settings", {})
        parts = urlsplit(options.get("server_url", ""))
        found |= {f"{parts.scheme}://{parts.netloc}"} if parts.netloc else set()
        found |= set(options.get("sign_in_origins", []))
    return sorted(found)


def variable_name(field: str) -> str:
    """Name of the environment variable behind a field of ``Environment``; names of variables stay as they are."""
    info = Environment.model_fields.get(field)
    if info is None:
        return field
    return str(info.validation_alias) if info.validation_alias else f"SEKISHO_{field.upper()}"
