"""What each app reads when it starts."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig

ROOMS = (
    *("access", "messages", "navigation", "menu", "todo", "panels", "rights", "checks", "filters", "busy"),
    *("reminders", "metrics", "examples", "yearly"),
)


class RoomsConfig(AppConfig):
    """Reads the app's registrations: permissions, menu, kinds of messages, tasks, panels, personal data, checks."""

    default = False  # each apps.py also sees this class: Django must take the app's own, not neither

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.default = True

    def ready(self) -> None:
        for room in ROOMS:
            if find_spec(f"{self.name}.{room}"):
                import_module(f"{self.name}.{room}")
