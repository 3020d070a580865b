from office.rooms import RoomsConfig


class DeskConfig(RoomsConfig):
    name = "desk"
