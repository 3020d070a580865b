"""As development, without the demonstration's extras, and with the floor pages of the bench."""

from config.settings.dev import *  # noqa: F403 - settings are layered

DEBUG = False
DEMO = False
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "benchmarks.urls"
WHITENOISE_AUTOREFRESH = False
LOGGING_CONFIG = None
CELERY_TASK_ALWAYS_EAGER = False  # as in production messages are sent by another process; here by nobody
