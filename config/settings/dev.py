"""Development and the demonstration: private PostgreSQL cluster under ./var, mail kept in the outbox page only."""

from config import env
from config.settings.base import *  # noqa: F403 - settings are layered
from config.settings.base import VAR_DIR

DEBUG = env.flag("DEBUG")
DEMO = True
SECRET_KEY = env.local_secret_key(VAR_DIR)
ALLOWED_HOSTS = ["*"] if env.flag("ERFA_ANY_HOST") else ["localhost", "127.0.0.1", "[::1]", "testserver"]
DATABASES = {"default": env.database(env.local_database_url(VAR_DIR))}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
SMS_GATEWAY = "office.sms.LogGateway"  # the demonstration sends nothing, and shows what it would
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
