from office.rooms import RoomsConfig


class RecruitmentConfig(RoomsConfig):
    name = "recruitment"
