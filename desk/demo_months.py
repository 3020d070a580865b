"""The months of the demonstration office: sent, returned, approved, closed, at the payroll house, paid."""

from datetime import date, datetime, timedelta

from assignments.models import Session
from desk import demo_people as people
from desk.demo_cast import ExpertCast, Story, UnitCast, clock
from desk.demo_outcomes import Outcomes
from fees import actions as pay
from fees.models import HourList, HourRow, PaymentRun
from fees.states import ListState
from office.models import Unit, User
from office.workdays import next_month, pay_day, previous_working_day

#: In this payment run the payroll house rejects a line.
REJECTED_RUN = 1
#: This expert sends one month late.
LATE = 2


class Months(Outcomes):
    """How a month goes through its states."""

    def send(self, cast: ExpertCast, month: date, moment: datetime) -> Story:
        at = yield moment
        if Session.objects.filter(
            expert=cast.expert, starts_at__gte=clock(month, 0), starts_at__lt=self.end(month)
        ).exists():
            pay.send_month(cast.expert, month, by=cast.user or self.coordinator, at=at)

    def late(self, cast: ExpertCast, month: date, moment: datetime) -> Story:
        """A list that comes after the run of its month: approved, it waits for the next one."""
        yield from self.send(cast, month, moment)
        at = yield moment + timedelta(hours=15)
        for unit in self.units:
            mine = [list_ for list_ in self.lists(month, unit.unit) if list_.expert_id == cast.expert.pk]
            self.approve(unit, mine, at)

    def end(self, month: date) -> datetime:
        return clock(next_month(month), 0)

    def lists(self, month: date, unit: Unit) -> list[HourList]:
        found = HourList.objects.filter(month=month, unit=unit, state=ListState.AT_UNIT)
        return list(found.select_related("expert__user", "unit").order_by("pk"))

    def checker(self, cast: UnitCast, list_: HourList) -> User:
        """The named employee; the deputy for the named employee's own list."""
        return cast.deputy if list_.expert.user_id == cast.named.pk else cast.named

    def closed(self, month: date, *, paid: bool) -> Story:
        """An earlier month to its end: sent, one returned and mended, approved, closed; paid or at the payroll."""
        following = next_month(month)
        for n, cast in enumerate(self.experts):
            day = following + timedelta(days=1 + n % 7)
            if n == LATE and not paid:  # after the run: it rides on the next one (R19)
                self.diary.begin(self.late(cast, month, clock(following.replace(day=18), 20, 5)))
                continue
            self.diary.begin(self.send(cast, month, clock(day, 9 + n % 10, 7 * (n % 8))))
        at = yield clock(following.replace(day=9), 10)
        returned = self.lists(month, self.units[0].unit)[:1]
        for list_ in returned:
            reasons = people.RETURNS[0], people.RETURNS[1]
            row = HourRow.objects.filter(hour_list=list_).earliest("pk")
            swedish = list_.expert.language == "sv"
            pay.return_list(
                list_, by=self.checker(self.units[0], list_), at=at, reason=reasons[0][swedish],
                rows={row.pk: reasons[1][swedish]},
            )  # fmt: skip
        at = yield at + timedelta(hours=7)
        for list_ in returned:
            pay.send_month(list_.expert, month, by=list_.expert.user or self.coordinator, at=at)
        for n, unit in enumerate(self.units):
            at = yield clock(following.replace(day=10 + n % 3), 8 + n % 8, 5 * n)
            self.approve(unit, self.lists(month, unit.unit), at)
        at = yield clock(following.replace(day=14), 13, 20)
        looked = [ask.expert_id for ask in pay.preview_run(month, at=at).asks]
        run = pay.make_run(month, by=self.coordinator, at=at, looked=looked, documents=False)
        if paid:
            yield from self.pay(run)
        else:
            at = yield clock(following.replace(day=15), 9, 30)
            pay.send_to_payroll(run, by=self.finance, at=at)

    def approve(self, cast: UnitCast, lists: list[HourList], at: datetime) -> None:
        for checker in (cast.named, cast.deputy):
            mine = [list_ for list_ in lists if self.checker(cast, list_) == checker]
            if mine:
                pay.approve(mine, by=checker, at=at)

    def pay(self, run: PaymentRun) -> Story:
        at = yield clock(previous_working_day(pay_day(run.month)), 9)
        pay.send_to_payroll(run, by=self.finance, at=at)
        if run.number == REJECTED_RUN:  # one line comes back and is paid with the next run
            line = run.lines.filter(kind="fee", amount__gt=0).order_by("position")[0]
            why = "Tilinumero puuttuu palkanlaskennasta."
            pay.reject(run, [line.pk], by=self.finance, at=at + timedelta(hours=3), reason=why)
        at = yield clock(pay_day(run.month), 12)
        pay.mark_paid(run, by=self.finance, at=at)

    def half_way(self, month: date) -> Story:
        """The last month: some have not sent, some lists are at the unit, one came back, some are approved.

        Whatever the day of this month is: what would come later has come by now.
        """
        start = self.end(month)
        for n, cast in enumerate(self.experts):
            if cast.expert.pk in self.behind:
                continue
            planned = clock(self.this_month + timedelta(days=1 + n % 7), 9 + n % 10, 11 * (n % 5))
            self.diary.begin(self.send(cast, month, self.by_now(planned, start, 90)))
        at = yield self.by_now(clock(self.this_month.replace(day=9), 15), start, 60)
        for n, unit in enumerate(self.units):
            at = yield self.by_now(clock(self.this_month.replace(day=9 + n % 3), 15, n), start, 50 - n)
            lists = self.lists(month, unit.unit)
            self.approve(unit, lists[2:] if n < 2 else lists[: (len(lists) + 1) // 2], at)
        for unit in self.units[2:12:4]:
            at = yield self.by_now(clock(self.this_month.replace(day=12), 9), start, 30)
            for list_ in self.lists(month, unit.unit)[:1]:
                row = HourRow.objects.filter(hour_list=list_).latest("pk")
                swedish = list_.expert.language == "sv"
                pay.return_list(
                    list_, by=self.checker(unit, list_), at=at, reason=people.RETURNS[0][swedish],
                    rows={row.pk: people.RETURNS[1][swedish]},
                )  # fmt: skip

    def by_now(self, moment: datetime, start: datetime, minutes: int) -> datetime:
        """``moment``, or ``minutes`` before now when that is earlier; never before ``start``."""
        return max(min(moment, self.now - timedelta(minutes=minutes)), start)
