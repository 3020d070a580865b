from importlib import import_module

from office.rooms import RoomsConfig


class OfficeConfig(RoomsConfig):
    name = "office"

    def ready(self) -> None:
        super().ready()
        import_module("office.personal")  # the ground floor's own records; office.rights is everybody's registry
        import_module("office.outbox_todo")  # as those below
        import_module("office.away_todo")
        import_module("office.reminders_units")  # the ground floor's own; office.reminders is everybody's registry
