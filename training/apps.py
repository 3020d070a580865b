from office.rooms import RoomsConfig


class TrainingConfig(RoomsConfig):
    name = "training"
