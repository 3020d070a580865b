from office.rooms import RoomsConfig


class BudgetsConfig(RoomsConfig):
    name = "budgets"
