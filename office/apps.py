from office.rooms import RoomsConfig


class OfficeConfig(RoomsConfig):
    name = "office"
