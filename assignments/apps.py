from office.rooms import RoomsConfig


class AssignmentsConfig(RoomsConfig):
    name = "assignments"
