from importlib import import_module

from office.rooms import RoomsConfig


class DeskConfig(RoomsConfig):
    name = "desk"

    def ready(self) -> None:
        super().ready()
        import_module("desk.work_in_units")  # tells the floor below what it cannot ask for itself
