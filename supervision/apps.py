from office.rooms import RoomsConfig


class SupervisionConfig(RoomsConfig):
    name = "supervision"
