from office.rooms import RoomsConfig


class InductionConfig(RoomsConfig):
    name = "induction"
