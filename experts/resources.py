"""The registry as one sheet, by django-import-export: what stands in a cell, whom a row is about, what it changes.

The library reads the cells, tells new rows from changed and unchanged ones and gathers the errors of a row; it saves
nothing by itself: ``bulk_create`` and ``bulk_update`` hand over to ``experts.actions.bring_in``. A column that is not
in the file is left as it is. What an export writes, an import reads, in any of the languages.
"""

# ruff: noqa: ARG002, FBT001, FBT002 - the signatures are the library's
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import ModelResource
from tablib import Dataset

from experts.actions.imported import Brought, bring_in
from experts.columns import COLUMNS, Words, columns
from experts.models import Expert
from experts.sheet_rows import equip
from experts.sheet_words import heading
from office.cells import bare
from office.errors import RuleError
from office.kinds import TaskType
from office.models import User

#: Experts that are written together.
TOGETHER = 500
#: Columns of a person's record; the others hang on it.
RECORD = (
    "last_name", "first_name", "email", "phone", "municipality", "language", "work_languages", "kinds", "training",
    "payroll_number", "note",
)  # fmt: skip


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, str) and isinstance(after, str):
        return before.replace("\r\n", "\n").strip() == after.replace("\r\n", "\n").strip()
    return bool(before == after)


@dataclass
class RowTold:
    """What a row would do: ``fields`` are (column, old, new) in words; for a new person only the name is told."""

    number: int
    who: str
    new: bool
    fields: list[tuple[str, str, str]] = field(default_factory=list)


class Known(BaseInstanceLoader):  # type: ignore[misc]  # the library has no types
    """Everybody whom the sheet may be about, read in a few queries: known by payroll number, else by e-mail."""

    def __init__(self, resource: "ExpertResource", dataset: Dataset) -> None:
        super().__init__(resource, dataset)
        emails = {email.strip().lower() for email in dataset["email"]}
        numbers = set(dataset["payroll_number"]) if "payroll_number" in dataset.headers else set()
        about = Q(address__in=emails - {""}) | Q(payroll_number__in={bare(number) for number in numbers - {""}})
        if "" in emails:
            about |= Q(email="", payroll_number=None)
        experts = (
            Expert.objects.filter(erased_at=None).annotate(address=Lower("email")).filter(about).select_related("user")
        )
        if resource.lock:
            experts = experts.select_for_update(of=("self",))
        found = equip(list(experts), resource.today)
        self.by_email = {expert.email.lower(): expert for expert in found if expert.email}
        self.by_number = {expert.payroll_number: expert for expert in found if expert.payroll_number}
        self.nameless: dict[tuple[str, str], list[Expert]] = {}
        for expert in found:
            if not expert.email and not expert.payroll_number:
                self.nameless.setdefault((expert.last_name, expert.first_name), []).append(expert)
        held = User.objects.filter(expert__isnull=False).values_list("email", "expert")
        self.accounts = {email.lower(): expert for email, expert in held}
        self.disputed = _disputed(dataset)
        self.seen: dict[str, int] = {}
        self.seen_experts: dict[int, int] = {}

    def get_instance(self, row: dict[str, Any]) -> Expert | None:
        """The expert this row is about. What speaks against it is told by ``faults``."""
        email, number = row["email"].strip().lower(), bare(row.get("payroll_number", "").strip())
        by_email, by_number = self.by_email.get(email), self.by_number.get(number)
        if not email and not number:
            alike = self.nameless.get((row["last_name"], row["first_name"]), [])
            return alike[0] if len(alike) == 1 else None
        return by_email or by_number

    def faults(self, row: dict[str, Any]) -> dict[str, str]:
        """Why the row cannot be about one person: sentences by column."""
        email, number = row["email"].strip().lower(), bare(row.get("payroll_number", "").strip())
        by_email, by_number = self.by_email.get(email), self.by_number.get(number)
        known = self.get_instance(row)
        earlier = self.seen.get(email) or (self.seen_experts.get(known.pk) if known else None)
        if earlier:
            return {"email": _("The same person is on row %(row)s.") % {"row": earlier}}
        if by_number and by_email and by_number != by_email:
            return {"payroll_number": _("The number belongs to another expert, %(name)s.") % {"name": by_number}}
        if by_number and email and not by_email:
            if (by_number.last_name, by_number.first_name) != (row["last_name"], row["first_name"]):
                return {"payroll_number": _("The number belongs to another expert, %(name)s.") % {"name": by_number}}
        elif number in self.disputed and not by_number:
            rows = ", ".join(str(found) for found in self.disputed[number])
            told = _("The same number is on rows %(rows)s of different persons.") % {"rows": rows}
            return {"payroll_number": told}
        owner = self.accounts.get(email)
        if owner is not None and (known is None or owner != known.pk):
            return {"email": _("Another expert has this account.")}
        return {}

    def taken(self, row: dict[str, Any], instance: Expert) -> None:
        """Remembers a good row, so that the next one about the same person is refused."""
        if email := row["email"].strip().lower():
            self.seen[email] = row["row"]
        if instance.pk is not None:
            self.seen_experts[instance.pk] = row["row"]


def _disputed(dataset: Dataset) -> dict[str, list[int]]:
    """A payroll number on the rows of two persons is nobody's (decision 0009)."""
    users: dict[str, dict[str, int]] = {}
    if "payroll_number" in dataset.headers:
        rows = zip(dataset["payroll_number"], dataset["email"], dataset["row"], strict=True)
        for number, email, row in rows:
            if number:
                users.setdefault(bare(number), {}).setdefault(email.strip().lower(), row)
    return {number: sorted(by.values()) for number, by in users.items() if len(by) > 1}


class ExpertResource(ModelResource):  # type: ignore[misc]  # the library has no types
    """The registry's sheet. Give ``words`` once for an import or an export."""

    class Meta:
        model = Expert
        fields = ()
        import_id_fields = ("email",)
        instance_loader_class = Known
        use_bulk = True
        batch_size = TOGETHER
        skip_diff = True  # it would copy and draw every record twice; ours is ``told``
        clean_model_instances = False  # asks the database for each row; ``validate_instance`` here does not

    def __init__(
        self,
        *,
        by: User | None,
        at: datetime,
        today: date,
        file: str = "",
        lock: bool = False,
        tick: Callable[[int], None] | None = None,
        only: Sequence[str] = tuple(COLUMNS),
    ) -> None:
        super().__init__()
        self.by, self.at, self.today, self.file, self.lock = by, at, today, file, lock
        self.tick = tick or (lambda _row: None)
        self.words = Words(get_language() or "fi")
        self.fields = {name: made for name, made in columns(self.words).items() if name in only}
        self.column_of = {made.attribute: name for name, made in self.fields.items()}
        self.told: dict[int, RowTold] = {}
        self.remarks: list[tuple[int, str, str]] = []

    # --- one row -----------------------------------------------------------------------------------------------------

    def import_row(self, row: dict[str, Any], instance_loader: Known, **kwargs: Any) -> Any:
        """The library's, and then a word about how far it is (which may break it off)."""
        self.known = instance_loader
        result = super().import_row(row, instance_loader, **kwargs)
        self.tick(kwargs["row_number"])
        return result

    def init_instance(self, row: dict[str, Any] | None = None) -> Expert:
        return equip([Expert()], self.today)[0]

    def after_init_instance(self, instance: Expert, new: bool, row: dict[str, Any], **_kwargs: Any) -> None:
        self.before = {name: made.get_value(instance) for name, made in self.fields.items()}
        self.new = new

    def import_field(
        self, field: Any, instance: Expert, row: dict[str, Any], is_m2m: bool = False, **kwargs: Any
    ) -> None:
        """A cell that says what is stored already needs no check."""
        stored, cell = field.get_value(instance), row.get(field.column_name)
        if not self.new and isinstance(stored, str) and isinstance(cell, str) and _same(stored, bare(cell)):
            return
        super().import_field(field, instance, row, is_m2m, **kwargs)

    def import_instance(self, instance: Expert, row: dict[str, Any], **kwargs: Any) -> None:
        """All cells, then what only the row as a whole can tell. Every fault of a row is told at once."""
        errors: dict[str, list[Any]] = {}
        try:
            super().import_instance(instance, row, **kwargs)
        except ValidationError as error:
            errors = {self.column_of[name]: told for name, told in error.update_error_dict({}).items()}
        for name, sentence in (self.known.faults(row) | self._together(instance, row, errors)).items():
            errors.setdefault(name, []).append(ValidationError(sentence))
        if not errors:
            errors = self._model_says(instance)
        if errors:
            for name, made in self.fields.items():  # another row may be about the same person
                setattr(instance, made.attribute, self.before[name])
            raise ValidationError(errors)

    def _model_says(self, instance: Expert) -> dict[str, list[Any]]:
        """The model's own checks of what is new, without asking the database."""
        mine = set(RECORD) if self.new else set(self._changed(instance))
        try:
            instance.clean_fields(exclude=[made.name for made in instance._meta.fields if made.name not in mine])
        except ValidationError as error:
            return error.update_error_dict({})
        return {}

    def _together(self, instance: Any, row: dict[str, Any], errors: dict[str, Any]) -> dict[str, str]:
        """Fills what an empty cell means, and checks cells against one another."""
        before, found = self.before, {}
        if not instance.email and not (not self.new and not before["email"]) and "email" not in errors:
            found["email"] = _("The e-mail address is missing.")
        if not self.new and _same(str(before["email"]).lower(), instance.email):
            instance.email = before["email"]
        instance.payroll_number = instance.payroll_number or before.get("payroll_number") or None
        instance.work_languages = instance.work_languages or [instance.language]
        if self.new and not instance.kinds:
            instance.kinds = [kind.value for kind in TaskType]
        begins, ends = instance.sheet_from, instance.sheet_to
        if "contract_to" not in row:
            ends = instance.sheet_to = dict(instance.sheet_contracts).get(begins)
        if begins and ends and ends < begins:
            found["contract_to"] = _("The end is before the beginning.")
        if ends and not begins and "contract_from" not in errors:
            found["contract_from"] = _("The contract has an end but no beginning.")
        if row.get("state") and instance.sheet_state not in {before["state"], instance.state}:
            found["state"] = _("The state is not changed by a file. Change it on the expert’s page.")
        gone = [code for code in instance.sheet_topics if not self.words.topics[code].is_active]
        if any(code not in (before.get("topics") or ()) for code in gone) and "sheet_topics" not in errors:
            found["topics"] = _("A topic is not in use any more: %(topics)s.") % {
                "topics": self.words.topics_told(gone)
            }
        return found

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """All has been checked by ``import_instance``."""
        if import_validation_errors:
            raise ValidationError(import_validation_errors)

    def _changed(self, instance: Expert) -> list[str]:
        """Columns of the record that the row changes."""
        return [
            name
            for name in RECORD
            if name in self.fields and not _same(self.before[name], self.fields[name].get_value(instance))
        ]

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        """Nothing to do: the row says what is stored."""
        if import_validation_errors:
            return False
        instance.brought = self._brought(instance, row)
        instance.row = row["row"]
        self.known.taken(row, instance)
        self._remark(instance, row)
        if not self.new and not self._differences(instance):
            return True
        who = f"{instance.last_name} {instance.first_name}"
        self.told[instance.row] = RowTold(instance.row, who, self.new, [] if self.new else self._differences(instance))
        return False

    def _brought(self, instance: Any, row: dict[str, Any]) -> Brought:
        period = (instance.sheet_from, instance.sheet_to)
        other = period[0] is not None and period not in instance.sheet_contracts
        year = instance.sheet_year
        return Brought(
            expert=instance,
            before={} if self.new else {name: self.before[name] for name in self._changed(instance)},
            topics=[self.words.topics[code].pk for code in instance.sheet_topics] if "topics" in row else None,
            areas=instance.sheet_areas if "areas" in row else None,
            contract=period if other else None,
            tax_year=year if year and year not in instance.sheet_years else None,
        )

    def _differences(self, instance: Any) -> list[tuple[str, str, str]]:
        """(column, old, new) of what the row changes."""
        brought = instance.brought
        changed = list(brought.before)
        if brought.topics is not None and set(instance.sheet_topics) != set(self.before["topics"]):
            changed.append("topics")
        if brought.areas is not None and set(instance.sheet_areas) != set(self.before["areas"]):
            changed.append("areas")
        if brought.contract:
            changed += [
                name
                for name in ("contract_from", "contract_to")
                if name in self.fields and self.before[name] != self.fields[name].get_value(instance)
            ] or ["contract_from"]
        if brought.tax_year:
            changed.append("tax_card")
        return [
            (name, self._said(name, self.before[name]), self._said(name, self.fields[name].get_value(instance)))
            for name in changed
        ]

    def _said(self, name: str, value: Any) -> str:
        shown = self.fields[name].widget.render(value)
        if isinstance(shown, date):
            return f"{shown.day}.{shown.month}.{shown.year}"
        return str(shown or "–")

    def _remark(self, instance: Any, row: dict[str, Any]) -> None:
        if bare(row["email"]) != instance.email and _same(row["email"].lower(), instance.email.lower()) and self.new:
            self.remarks.append((instance.row, "email", _("Taken as %(email)s.") % {"email": instance.email}))
        if self.new and not instance.sheet_from:
            told = _("No contract: no work can be agreed yet.")
            self.remarks.append((instance.row, "contract_from", told))

    # --- many rows ---------------------------------------------------------------------------------------------------

    def bulk_create(
        self, using_transactions: bool, dry_run: bool, raise_errors: bool, batch_size: Any = None, result: Any = None
    ) -> None:
        self._write(self.create_instances, result)

    def bulk_update(
        self, using_transactions: bool, dry_run: bool, raise_errors: bool, batch_size: Any = None, result: Any = None
    ) -> None:
        self._write(self.update_instances, result)

    def _write(self, instances: list[Any], result: Any) -> None:
        """By the action. When it refuses, row by row, so that the report can name the row at fault."""
        if not instances:
            return
        try:
            bring_in([instance.brought for instance in instances], file=self.file, by=self.by, at=self.at)
        except RuleError:
            for instance in instances:
                self._write_one(instance, result)
        instances.clear()

    def _write_one(self, instance: Any, result: Any) -> None:
        if self.told[instance.row].new:
            instance.pk, instance.user, instance._state.adding = None, None, True
        try:
            bring_in([instance.brought], file=self.file, by=self.by, at=self.at)
        except RuleError as error:
            del self.told[instance.row]
            refused = ValidationError({NON_FIELD_ERRORS: [str(error.message)]})
            result.append_invalid_row(instance.row, {}, refused)

    # --- export ------------------------------------------------------------------------------------------------------

    def get_export_headers(self, selected_fields: Any = None) -> list[str]:
        """In the reader's language; an import knows them all."""
        return [heading(name, self.words.language) for name in self.fields]

    def sheet_of(self, experts: Sequence[Expert]) -> Dataset:
        """The experts as rows under headings. Values as they are: ``office.sheets`` makes them harmless."""
        return self.export(equip(list(experts), self.today))
