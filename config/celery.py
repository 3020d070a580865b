"""The Celery application. Without REDIS_URL tasks run in the process (settings: CELERY_TASK_ALWAYS_EAGER)."""

import logging
import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery import Task as CeleryTask
from celery.signals import after_task_publish, worker_init
from django.conf import settings
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

logger = logging.getLogger("erfa.tasks")

#: Touched by the clock with each task that it has handed to the broker; its health check looks how old it is.
BEAT_FILE = os.environ.get("BEAT_FILE", "")


class Task(CeleryTask):  # type: ignore[type-arg]  # of any arguments
    """A task that is not lost with the broker: what it is about stands in the database, and the clock finds it there.

    So a broker that is away never breaks what somebody has just done and saved.
    """

    def apply_async(self, *args: Any, **options: Any) -> Any:
        """None when the broker cannot be reached."""
        try:
            return super().apply_async(*args, **options)
        except OperationalError:
            logger.warning("the broker cannot be reached: %s waits for the clock", self.name)
            return None


app = Celery("config", task_cls="config.celery:Task")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def _no_pool(**_told: Any) -> None:
    """A process of a worker needs one connection; one that was cut is replaced at once, a pool takes its time."""
    settings.DATABASES["default"]["OPTIONS"].pop("pool", None)


@after_task_publish.connect
def _ticked(**_told: Any) -> None:
    if BEAT_FILE:
        Path(BEAT_FILE).touch()
