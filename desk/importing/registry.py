"""registry.xlsx: experts with topics, languages, contract and tax card."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from desk.importing import cells
from desk.importing.report import Change, Report, Row, differences
from desk.importing.sheets import Fault, Line
from desk.importing.words import FOR_NOW, LANGUAGES, REGISTRY_HEADINGS, WORK_LANGUAGES
from experts.models import Contract, Expert, ExpertTopic, TaxCard, Topic
from experts.usual_topics import USUAL_TOPICS
from office.actions import log
from office.choices import Role
from office.kinds import TaskType
from office.models import RoleGrant, User

HEADINGS = REGISTRY_HEADINGS
NEEDED = ("last_name", "first_name", "email", "language", "contract_from")


class Importer:
    """Takes the lines of the registry. Persons are known again by payroll number or e-mail."""

    def __init__(self, report: Report, heads: dict[str, str], *, by: User | None, at: datetime) -> None:
        self.report, self.by, self.at, self.heads = report, by, at, heads
        if not Topic.objects.exists():
            Topic.objects.bulk_create(Topic(code=code, name_fi=fi, name_sv=sv) for code, fi, sv in USUAL_TOPICS)
        self.topics = {t.code: t for t in Topic.objects.filter(is_active=True)}
        self.topic_words = cells.folded(
            [(t.name_fi, t.code) for t in self.topics.values()] + [(t.name_sv, t.code) for t in self.topics.values()]
        )
        self.emails: dict[str, int] = {}
        self.payroll: dict[str, int] = {}
        self.disputed: dict[str, list[int]] = {}

    def prepare(self, lines: list[Line]) -> None:
        """A payroll number on the rows of two persons is nobody's: money would go to the wrong one."""
        users: dict[str, dict[str, int]] = {}
        for line in lines:
            if line["payroll_number"]:
                users.setdefault(line["payroll_number"], {}).setdefault(line["email"].strip().lower(), line.number)
        self.disputed = {number: sorted(by.values()) for number, by in users.items() if len(by) > 1}

    def row(self, line: Line) -> Change:
        """One expert."""
        row = Row(line)
        name = partial(cells.text, longest=80, needed=True)
        values: dict[str, Any] = {column: row.get(column, name, "") for column in ("first_name", "last_name")}
        values["email"] = row.get("email", cells.email, "")
        values["phone"] = row.get("phone", partial(cells.text, longest=40), "")
        values["municipality"] = row.get("municipality", partial(cells.text, longest=60), "")
        values["language"] = row.get("language", lambda text: cells.one_of(text, LANGUAGES, _("language")), "fi")
        none: list[str] = []
        spoken = row.get("work_languages", lambda text: cells.several(text, WORK_LANGUAGES, _("language")), none)
        values["work_languages"] = spoken or [values["language"]]
        topics = row.get("topics", lambda text: cells.several(text, self.topic_words, _("topic")), none)
        values["training"] = row.get("training", cells.text, "")
        values["note"] = row.get("note", partial(cells.text, longest=2000), "")
        begins = row.get("contract_from", cells.day, None)
        ends = row.get("contract_to", lambda text: None if text.casefold() in FOR_NOW else cells.day(text), None)
        tax_year = row.get("tax_card", cells.year, None)
        payroll = row.get("payroll_number", partial(cells.text, longest=20), "") or None
        values["payroll_number"] = payroll
        if begins and ends and ends < begins:
            row.refuse("contract_to", _("The end is before the beginning."))
        expert = self._known(row, values["email"], payroll)
        row.check()
        self.emails[values["email"]] = line.number
        if line["email"] != values["email"]:
            remark = _("Taken as %(email)s.") % {"email": values["email"]}
            self.report.remarks.append(Fault(self.report.file, line.number, row.head("email"), remark))
        if begins is None:  # pragma: no cover - row.check() has refused it; for the type checker
            raise AssertionError
        return self._take(
            line.number, expert=expert, values=values, topics=topics, period=(begins, ends), tax_year=tax_year
        )

    def _known(self, row: Row, email: str, payroll: str | None) -> Expert | None:
        """The expert this row is about; refuses what is there twice."""
        by_email = Expert.objects.filter(email__iexact=email).first() if email else None
        by_number = Expert.objects.filter(payroll_number=payroll).first() if payroll else None
        if email in self.emails:
            row.refuse("email", _("The same person is on row %(row)s.") % {"row": self.emails[email]})
            return None
        if by_number and by_email and by_number != by_email:
            row.refuse("payroll_number", _("The number belongs to another expert, %(name)s.") % {"name": by_number})
        elif by_number and email and not by_email:
            other = by_number.email.lower()
            if other != email and (by_number.last_name, by_number.first_name) != (
                row.line["last_name"],
                row.line["first_name"],
            ):
                row.refuse("payroll_number", _("The number belongs to another expert, %(name)s.") % {"name": by_number})
        elif payroll in self.disputed and not by_number:
            rows = ", ".join(str(number) for number in self.disputed[payroll])
            row.refuse(
                "payroll_number", _("The same number is on rows %(rows)s of different persons.") % {"rows": rows}
            )
        return by_email or by_number

    def _take(
        self,
        number: int,
        *,
        expert: Expert | None,
        values: dict[str, Any],
        topics: list[str],
        period: tuple[date, date | None],
        tax_year: int | None,
    ) -> Change:
        changes: list[str] = []
        if expert is None:
            expert = Expert.objects.create(kinds=[kind.value for kind in TaskType], **values)
            log("expert.imported", expert, by=self.by, at=self.at, file=self.report.file)
            result = Change.ADDED
        else:
            if not values["payroll_number"]:
                values["payroll_number"] = expert.payroll_number
            changes = differences({key: getattr(expert, key) for key in values}, values)
            if changes:
                Expert.objects.filter(pk=expert.pk).update(**values)
            result = Change.SAME
        self._account(expert, values)
        if self._topics(expert, topics):
            changes.append(_("topics"))
        if self._contract(expert, *period):
            changes.append(_("contract"))
        if (
            tax_year
            and TaxCard.objects.get_or_create(
                expert=expert, year=tax_year, kind=TaxCard.Kind.NON_WAGE, defaults={"noted_by": self.by}
            )[1]
        ):
            changes.append(_("tax card %(year)s") % {"year": tax_year})
        if result is Change.ADDED:
            self.report.differences.append((number, f"{values['last_name']} {values['first_name']}"))
        elif changes:
            log("expert.changed", expert, by=self.by, at=self.at, file=self.report.file)
            self.report.differences.append((number, f"{expert.sort_name}: {'; '.join(changes)}"))
            result = Change.CHANGED
        return result

    def _account(self, expert: Expert, values: dict[str, Any]) -> None:
        """An account to sign in with, by a code sent to the address."""
        if expert.user_id is not None:
            return
        user = User.objects.filter(email__iexact=values["email"]).first()
        if user is None:
            names = {name: values[name] for name in ("first_name", "last_name", "phone", "language")}
            user = User.objects.create_user(values["email"], **names)
        RoleGrant.objects.get_or_create(user=user, role=Role.EXPERT, unit=None, defaults={"valid_from": self.at})
        Expert.objects.filter(pk=expert.pk).update(user=user)

    def _topics(self, expert: Expert, codes: list[str]) -> bool:
        """The topics of the sheet; consent to show them is never given by a sheet."""
        have = set(expert.expert_topics.values_list("topic__code", flat=True))
        gone, new = have - set(codes), [code for code in codes if code not in have]
        if gone:
            expert.expert_topics.filter(topic__code__in=gone).delete()
        ExpertTopic.objects.bulk_create(ExpertTopic(expert=expert, topic=self.topics[code]) for code in new)
        return bool(gone or new)

    def _contract(self, expert: Expert, begins: date, ends: date | None) -> bool:
        """The contract of the sheet. One that has begun on another day and still runs is ended the day before."""
        same = expert.contracts.filter(valid_from=begins).exclude(state=Contract.State.DRAFT).first()
        if same is not None:
            if same.valid_to == ends:
                return False
            Contract.objects.filter(pk=same.pk).update(valid_to=ends)
            return True
        running = expert.contracts.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=begins), valid_from__lt=begins)
        running.exclude(state=Contract.State.DRAFT).update(valid_to=begins - timedelta(days=1))
        made = Contract.objects.create(
            expert=expert,
            valid_from=begins,
            valid_to=ends,
            kinds=[kind.value for kind in TaskType],
            signed_on=begins,
            state=Contract.State.IN_FORCE,
        )
        log("contract.imported", made, by=self.by, at=self.at, file=self.report.file)
        return True

    def finish(self) -> None:
        """Nothing more."""
