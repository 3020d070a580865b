from office.rooms import RoomsConfig


class FeesConfig(RoomsConfig):
    name = "fees"
