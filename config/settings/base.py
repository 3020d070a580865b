"""Settings that are the same everywhere. Values of the domain (deadlines, due days) are dated rows, not settings."""

import os
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = BASE_DIR / "var"

INSTALLED_APPS = [
    "office",
    "feetables",
    "experts",
    "training",
    "recruitment",
    "induction",
    "assignments",
    "supervision",
    "fees",
    "calendars",
    "budgets",
    "desk",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # allauth's session page needs it
    "django.contrib.postgres",
    "django.forms",
    "django_htmx",
    "import_export",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "office.middleware.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "office.middleware.OwnLanguage",
    "office.middleware.LoginRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "office.middleware.RuleAnswers",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "office.context.furniture",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "office.templatetags.erfa",
                "office.templatetags.wording",
            ],
        },
    },
]
FORM_RENDERER = "office.forms_rendering.Renderer"

AUTH_USER_MODEL = "office.User"
AUTHENTICATION_BACKENDS = ["office.accounts.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"

# allauth: accounts are made by the office, nobody signs up; a code by e-mail needs no password.
ACCOUNT_ADAPTER = "office.accounts.AccountAdapter"
MFA_ADAPTER = "office.accounts.MFAAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_MAX_EMAIL_ADDRESSES = 1  # the office changes addresses (office.people): nobody signs in with an unproved one
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Erfa: "
SIGN_IN_MAIL_WAITS = False  # how long the page waits for the mail server would tell who has an account
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or second factor is told to its owner
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
# The office gives the addresses and nobody signs up with another's. Otherwise whoever chose the password by the link in
# a mail could not take a second factor: allauth counts an address as verified only after a code.
MFA_ALLOW_UNVERIFIED_EMAIL = True

# Sign-ins tried and codes used are counted in the database: each process of the server would count its own.
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "office_attempt",
        "KEY_FUNCTION": "office.accounts.fingerprint",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

SESSION_ENGINE = "office.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # an approver ticks many rows at once

LANGUAGE_CODE = "fi"
LANGUAGES = [("fi", _("Finnish")), ("sv", _("Swedish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Helsinki"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]

DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "erfa@county.example.org")

# Who we are, in documents and mails.
COUNTY_NAME = {
    "fi": os.environ.get("COUNTY_NAME_FI", "Itä-Uudenmaan hyvinvointialue"),
    "sv": os.environ.get("COUNTY_NAME_SV", "Östra Nylands välfärdsområde"),
    "en": os.environ.get("COUNTY_NAME_EN", "Wellbeing services county of East Uusimaa"),
}
SITE_URL = os.environ.get("SITE_URL", "http://localhost:8000")

# Text messages beside urgent mails: the class that passes them on (office.sms); none: off.
SMS_GATEWAY = os.environ.get("SMS_GATEWAY", "")

# What is due stands in the database, so Redis may go and come, and a task may be lost or run twice.
REDIS_URL = os.environ.get("REDIS_URL", "")
CELERY_BROKER_URL = REDIS_URL or "memory://localhost"  # a host, else kombu warns
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True  # the task of a worker that dies comes back
CELERY_WORKER_PREFETCH_MULTIPLIER = 1  # no message waits behind a long document while another process is free
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker and a clock wait for Redis as long as it takes
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,  # longer than the longest task; after it a dead worker's task comes back
    "socket_connect_timeout": 2,  # nobody's click waits for a broker that does not answer
    "socket_timeout": 10,
    "socket_keepalive": True,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1, "interval_max": 0.1}
CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    "send-waiting-messages": {"task": "office.tasks.send_waiting", "schedule": 60.0},
    "reminders": {"task": "office.tasks.tick_reminders", "schedule": 60.0},
    "offers": {"task": "assignments.tasks.tick_offers", "schedule": 60.0},
    "make-missing-documents": {"task": "fees.tasks.make_missing_documents", "schedule": 120.0},
    "make-missing-contract-papers": {"task": "experts.tasks.make_missing_contract_papers", "schedule": 300.0},
    "exports": {"task": "office.tasks.go_on_with_exports", "schedule": 60.0},
    "sheets": {"task": "desk.tasks.go_on_with_sheets", "schedule": 60.0},
    "budgets": {"task": "budgets.tasks.tick_outlooks", "schedule": 300.0},
    "retention": {"task": "desk.tasks.carry_out_retention", "schedule": 300.0},
}
for _tick in CELERY_BEAT_SCHEDULE.values():
    if isinstance(_tick["schedule"], float):  # one that nobody has taken is of no use when the next one comes
        _tick["options"] = {"expires": 50}

DEMO = False
SILENCED_SYSTEM_CHECKS: list[str] = []

# The numbers of /metrics are for whoever has this token; without it there is no such page.
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "config.logs.JsonLines"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"erfa": {"level": "INFO"}},
}
