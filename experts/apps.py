from office.rooms import RoomsConfig


class ExpertsConfig(RoomsConfig):
    name = "experts"
