from office.rooms import RoomsConfig


class FeetablesConfig(RoomsConfig):
    name = "feetables"
