"""For gunicorn, as production starts it: Erfa over the bench's database, and the floor."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
application = get_wsgi_application()

from benchmarks import floors  # noqa: E402 - Django must be set up first

floor = floors.thin()
