"""Django settings, all from the environment (see env.py). One file for every installation."""

import atexit
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from sekisho.config.env import Environment, sign_in_origins, variable_name
from sekisho.config.stores import s3_store

try:
    ENV = Environment()
except ValidationError as problem:
    lines = [f"{variable_name(str(e['loc'][0]))}: {e['msg']} (got {e['input']!r})" for e in problem.errors()]
    raise ImproperlyConfigured("An environment variable cannot be read.\n" + "\n".join(lines)) from None

TESTING = "pytest" in sys.modules
DATA_DIR = Path(tempfile.mkdtemp(prefix="sekisho-test-")) if TESTING else ENV.data_dir.resolve()
if TESTING:
    atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)


@contextmanager
def _readable_refusal() -> Iterator[None]:
    """A data folder that cannot be made or used is one sentence, not a traceback."""
    try:
        yield
    except OSError as problem:
        raise ImproperlyConfigured(
            f"{problem.filename or DATA_DIR} cannot be made or used ({problem.strerror})."
            " Set SEKISHO_DATA_DIR to a folder that you may write to."
        ) from None


@_readable_refusal()
def _secret_key() -> str:
    if key := ENV.secret_key.get_secret_value():
        return key
    path = ENV.secret_key_file or DATA_DIR / "secret-key"
    if not path.exists():
        if ENV.secret_key_file:
            raise ImproperlyConfigured(f"SEKISHO_SECRET_KEY_FILE names {path}, which does not exist.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key())
    return path.read_text().strip()


SECRET_KEY = "only-for-tests" if TESTING else _secret_key()
SECRET_KEY_FALLBACKS = ENV.secret_key_fallbacks
DEBUG = ENV.debug
ALLOWED_HOSTS = ENV.allowed_hosts

INSTALLED_APPS = [
    "sekisho.web",
    "sekisho.jobs",
    "sekisho.people",
    "sekisho.standards",
    "sekisho.book",
    "sekisho.intake",
    "sekisho.voice",
    "sekisho.portfolio",
    "sekisho.sharing",
    "sekisho.gateway",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "sekisho.config.bodies.ReadToTheEndMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # before everything that knows people: public pages set no cookie and read no session
    "sekisho.portfolio.public.site.PublicSiteMiddleware",
    "sekisho.voice.middleware.PlainAnswerMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sekisho.people.middleware.PreferredLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "sekisho.people.middleware.FirstVisitMiddleware",
    "sekisho.people.middleware.SignInFirstMiddleware",
    "sekisho.people.middleware.SecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sekisho.config.errors.MethodPageMiddleware",
    "sekisho.config.conditional.UnchangedReadMiddleware",
    "sekisho.people.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "sekisho.config.urls"
WSGI_APPLICATION = "sekisho.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sekisho.people.context.shell",
                "sekisho.config.places.places",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "sekisho.web.templatetags.web",
            ],
        },
    }
]


def _database() -> dict[str, Any]:
    database: dict[str, Any]
    if ENV.database_url:
        database = _named_database(ENV.database_url)
    else:
        with _readable_refusal():
            DATA_DIR.mkdir(parents=True, exist_ok=True)
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA_DIR / "sekisho.sqlite3"}
    if "sqlite3" in database["ENGINE"]:
        # Whoever closes the last connection empties the write-ahead log, which costs more than most pages do.
        database["CONN_MAX_AGE"] = 60
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
            " PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456;",
        }
    return database


def _named_database(url: str) -> dict[str, Any]:
    """What DATABASE_URL means. The address is not repeated in a refusal: it may hold a password."""
    try:
        database = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    except ValueError:
        database = {}
    if not database.get("NAME") or str(database["ENGINE"]).rpartition(".")[2] not in (
        "postgresql",
        "sqlite3",
    ):
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be understood. Write postgresql://user:password@host/name with special characters"
            " of the password as %XX, or leave it empty for SQLite in the data folder."
        )
    return database


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES: dict[str, dict[str, Any]] = {
    # in the database, so that failed tries and one-time codes count once for all server processes
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "people_sharedcache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # what every request asks, and what may differ between processes
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # answers of the public side, in each process: a few dozen megabytes at most
    "public": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "public",
        "OPTIONS": {"MAX_ENTRIES": 1_000},
    },
}

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_FORMS = {"login": "sekisho.people.key_forms.SignInForm"}
ACCOUNT_ADAPTER = "sekisho.people.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "sekisho.people.adapters.SocialAccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
# A new address takes the old one's place only when the mail sent to it is answered: single sign-on trusts it.
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "add_webauthn": "sekisho.people.key_forms.AddKeyForm",
    "edit_webauthn": "sekisho.people.key_forms.EditKeyForm",
    "authenticate_webauthn": "sekisho.people.key_forms.SecondStepForm",
    "login_webauthn": "sekisho.people.key_forms.SignInWithKeyForm",
    "reauthenticate_webauthn": "sekisho.people.key_forms.ConfirmWithKeyForm",
}
# Administrators enter the addresses, and where no mail leaves the machine nobody could ever confirm one.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = ENV.base_url.startswith("http://")
MFA_TOTP_ISSUER = "Sekisho"
SOCIALACCOUNT_ONLY = False
_oidc_apps = json.loads(ENV.oidc_providers)
# a code that was caught on its way is of no use to anybody else
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": _oidc_apps, "OAUTH_PKCE_ENABLED": True}}

LANGUAGE_CODE = ENV.language
LANGUAGES = [("ja", _("Japanese")), ("en", _("English"))]
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = ENV.time_zone
FISCAL_YEAR_START_MONTH = ENV.fiscal_year_start_month
AVAILABILITY_TARGET = round(ENV.availability_target * 100)  # in hundredths of a percent, as months keep it

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
with _readable_refusal():
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
MEDIA_ROOT = DATA_DIR / "files"


def _spool(location: str | Path, variable: str) -> dict[str, Any]:
    """A folder of packages, which the other server's group may read; or a store of objects."""
    if str(location).startswith("s3:"):
        return s3_store(str(location), variable)
    options = {"location": location, "base_url": None, "file_permissions_mode": 0o640}
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}


STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "spool": _spool(ENV.gateway_spool or DATA_DIR / "spool", "SEKISHO_GATEWAY_SPOOL"),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
if ENV.gateway_outward_spool:
    STORAGES["outward"] = _spool(ENV.gateway_outward_spool, "SEKISHO_GATEWAY_OUTWARD_SPOOL")
if ENV.gateway_storage:
    STORAGES["vault"] = s3_store(ENV.gateway_storage, "SEKISHO_GATEWAY_STORAGE")
WHITENOISE_AUTOREFRESH = False
WHITENOISE_USE_FINDERS = TESTING
FILE_UPLOAD_PERMISSIONS = 0o600
UPLOAD_MAX_BYTES = ENV.upload_max_bytes
FILE_POLICY = ENV.file_policy
GATEWAY_FOLDER = DATA_DIR / "gateway"
GATEWAY_KEY = ENV.gateway_key.get_secret_value() or SECRET_KEY
GATEWAY_MAX_BYTES = ENV.gateway_max_bytes
GATEWAY_BY_HAND_MINUTES = ENV.gateway_by_hand_minutes
GATEWAY_SIDE = ENV.gateway_side
GATEWAY_SIGNING_KEY = ENV.gateway_signing_key
GATEWAY_CHECKING_KEY = ENV.gateway_checking_key
GATEWAY_REQUIRE_SANDBOX = ENV.gateway_require_sandbox
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "sekisho.web.uploads.CappedUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 10_485_760
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
DATA_UPLOAD_MAX_NUMBER_FILES = 1_000  # so that who chooses too many for a form hears how many it takes

_https = ENV.base_url.startswith("https://")
CSRF_TRUSTED_ORIGINS = [ENV.base_url]
CSRF_FAILURE_VIEW = "sekisho.config.errors.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = ENV.session_hours * 3600
SESSION_COOKIE_NAME = "sekisho_session"
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if _https else None
X_FRAME_OPTIONS = "DENY"
if ENV.behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
BEHIND_PROXY = ENV.behind_proxy
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if ENV.behind_proxy else 0
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        # The form that starts single sign-on is answered with a redirect, which browsers hold against this list.
        "form-action": [SELF, *sign_in_origins(_oidc_apps)],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

DEFAULT_FROM_EMAIL = ENV.email_from
if TESTING:
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
elif ENV.email_url:
    _mail = urlsplit(ENV.email_url)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 25
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_TLS = parse_qs(_mail.query).get("tls") == ["true"]
    EMAIL_USE_SSL = _mail.scheme == "smtps"
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
SERVER_EMAIL = parseaddr(ENV.email_from)[1]

BASE_URL = ENV.base_url
PUBLICATION_DELAY_HOURS = ENV.publication_delay_hours
OPEN_DATA_LICENCE = ENV.open_data_licence
OPEN_DATA_CONTACT = ENV.open_data_contact
MFA_REQUIRED_ROLES = frozenset(ENV.mfa_required_roles)
JOBS_BROKER = ENV.jobs_broker.get_secret_value()
if JOBS_BROKER:
    JOBS_CARRIER = "sekisho.jobs.queue.CeleryCarrier"
JOBS_RETENTION_DAYS = ENV.job_retention_days
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # aiosmtpd writes every line of a delivery there, with everybody's address
    "loggers": {"mail.log": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": "WARNING" if TESTING else ENV.log_level},
}
