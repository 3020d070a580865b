"""Tests: as development, but strict, and mail in memory."""

from config.settings.dev import *  # noqa: F403 - settings are layered
from config.settings.dev import DATABASES, TEMPLATES

DEMO = False
DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = "UNDEFINED-VARIABLE-%s"
DATABASES["default"]["OPTIONS"].pop("pool", None)  # one connection a thread; a pool would outlive the test database
CELERY_TASK_ALWAYS_EAGER = True
CELERY_BROKER_URL = "memory://localhost"
SIGN_IN_MAIL_WAITS = True  # what a test has sent is there when the page answers
