from office.rooms import RoomsConfig


class CalendarsConfig(RoomsConfig):
    name = "calendars"
