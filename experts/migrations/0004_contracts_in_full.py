"""Contracts in full: versions of the text, acceptance, papers. What was sent or signed changes no more (R26)."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import office.validators
from office.triggers import refuse

#: What stands in a text that was sent; the end may come earlier, never later.
FROZEN = (
    "text", "text_hash", "text_version_id", "language", "expert_id", "kinds", "fee_table_id", "valid_from", "training",
    "experience", "wishes", "tasks", "name_topics", "sent_at", "sent_by_id",
)  # fmt: skip
ACCEPTANCE = ("accepted_how", "accepted_at", "accepted_by_id", "accepted_hash", "accepted_on")
COUNTERSIGNATURE = ("countersigned_at", "countersigned_by_id")


def differs(names: tuple[str, ...]) -> str:
    return "(" + " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in names) + ")"


SENT_CONTRACT_IS_FROZEN = f"""
  OLD.text_hash <> '' AND (CASE WHEN TG_OP = 'DELETE' THEN
    OLD.valid_to IS NULL OR OLD.valid_to >= current_date
  ELSE
    (NEW.state = 'draft' AND OLD.state IN ('in_force', 'ended'))
    OR NEW.state <> 'draft' AND (
      {differs(FROZEN)}
      OR (OLD.accepted_how <> '' AND {differs(ACCEPTANCE)})
      OR (OLD.countersigned_at IS NOT NULL AND {differs(COUNTERSIGNATURE)})
      OR (NEW.valid_to IS DISTINCT FROM OLD.valid_to
          AND (OLD.state NOT IN ('in_force', 'ended') OR NEW.valid_to IS NULL OR NEW.valid_to > OLD.valid_to))
    )
  END)
"""
HASH_IS_OF_THE_TEXT = """
  NEW.text_hash <> '' AND NEW.text_hash <> encode(sha256(convert_to(NEW.text, 'UTF8')), 'hex')
"""
TEXT_IN_USE = f"""
  OLD.state <> 'draft' AND (TG_OP = 'DELETE'
    OR {differs(("language", "number", "body", "notice_days", "made_by_id", "made_at", "used_by_id", "used_at"))}
    OR (NEW.state <> OLD.state AND NOT (OLD.state = 'in_use' AND NEW.state = 'replaced')))
"""
PAPER = """
  TG_OP = 'UPDATE' OR EXISTS (
    SELECT 1 FROM experts_contract c WHERE c.id = OLD.contract_id AND c.state IN ('in_force', 'ended')
      AND (c.valid_to IS NULL OR c.valid_to >= current_date)
  )
"""


class Migration(migrations.Migration):
    dependencies = [
        ("experts", "0003_registry_in_full"),
        ("feetables", "0002_approved_table_is_never_changed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContractPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("pdf", "the contract"), ("scan", "the paper that was signed")], max_length=4
                    ),
                ),
                ("filename", models.CharField(max_length=80)),
                ("media_type", models.CharField(max_length=40)),
                ("content", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveIntegerField()),
                ("added_at", models.DateTimeField()),
            ],
            options={
                "ordering": ("contract", "kind"),
            },
        ),
        migrations.CreateModel(
            name="ContractText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        choices=[("fi", "Finnish"), ("sv", "Swedish"), ("en", "English")],
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                ("body", models.TextField(validators=[office.validators.no_identity_code], verbose_name="text")),
                (
                    "notice_days",
                    models.PositiveSmallIntegerField(
                        default=14,
                        validators=[django.core.validators.MaxValueValidator(365)],
                        verbose_name="days of notice",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("in_use", "In use"), ("replaced", "Replaced")],
                        default="draft",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("language", "-number"),
            },
        ),
        migrations.RemoveConstraint(
            model_name="contract",
            name="contract_in_force_is_signed",
        ),
        migrations.AddField(
            model_name="contract",
            name="accepted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="contract",
            name="accepted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="accepted_hash",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="contract",
            name="accepted_how",
            field=models.CharField(
                blank=True,
                choices=[("program", "in Erfa, signed in"), ("paper", "on paper")],
                db_default="",
                default="",
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="accepted_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="contract",
            name="countersigned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="contract",
            name="countersigned_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="end_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("expert", "the expert gave notice"),
                    ("office", "the county gave notice"),
                    ("together", "agreed together"),
                    ("other", "another reason"),
                ],
                db_default="",
                default="",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="experience",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                max_length=300,
                validators=[office.validators.no_identity_code],
                verbose_name="earlier experience",
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="language",
            field=models.CharField(
                choices=[("fi", "Finnish"), ("sv", "Swedish"), ("en", "English")],
                db_default="fi",
                default="fi",
                max_length=2,
                verbose_name="language",
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="name_topics",
            field=models.BooleanField(db_default=False, default=False, verbose_name="name the topics in the contract"),
        ),
        migrations.AddField(
            model_name="contract",
            name="notice_on",
            field=models.DateField(blank=True, null=True, verbose_name="notice given on"),
        ),
        migrations.AddField(
            model_name="contract",
            name="renewed_from",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="renewal",
                to="experts.contract",
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="sent_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="contract",
            name="sent_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="tasks",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                max_length=300,
                validators=[office.validators.no_identity_code],
                verbose_name="tasks",
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="text",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="contract",
            name="text_hash",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="contract",
            name="training",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                max_length=300,
                validators=[office.validators.no_identity_code],
                verbose_name="training",
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="wishes",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                max_length=300,
                validators=[office.validators.no_identity_code],
                verbose_name="wishes",
            ),
        ),
        migrations.AlterField(
            model_name="contract",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("sent", "Sent to the expert"),
                    ("accepted", "Accepted by the expert"),
                    ("in_force", "In force"),
                    ("ended", "Ended early"),
                ],
                default="draft",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="contractpaper",
            name="added_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="contractpaper",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="papers", to="experts.contract"
            ),
        ),
        migrations.AddField(
            model_name="contracttext",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="contracttext",
            name="made_from",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="experts.contracttext",
            ),
        ),
        migrations.AddField(
            model_name="contracttext",
            name="used_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="text_version",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contracts",
                to="experts.contracttext",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "sent", "accepted"]), ("signed_on__isnull", False), _connector="OR"
                ),
                name="contract_in_force_is_signed",
                violation_error_message="A contract in force has a day of signing.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "draft"), _negated=True),
                    models.Q(("accepted_at__isnull", True), ("accepted_how", ""), ("text", ""), ("text_hash", "")),
                    _connector="OR",
                ),
                name="draft_contract_has_no_text_yet",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["sent", "accepted"]), _negated=True),
                    models.Q(
                        ("sent_at__isnull", False),
                        ("text_version__isnull", False),
                        models.Q(("text_hash", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="sent_contract_has_its_text",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "accepted"), _negated=True),
                    ("accepted_how__in", ["program", "paper"]),
                    _connector="OR",
                ),
                name="accepted_contract_says_how",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["in_force", "ended"]), _negated=True),
                    ("text_hash", ""),
                    models.Q(
                        ("accepted_how__in", ["program", "paper"]),
                        ("countersigned_at__isnull", False),
                        ("countersigned_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="contract_in_force_is_signed_by_both",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_at__isnull", True), ("accepted_how", "")),
                    models.Q(("accepted_at__isnull", False), ("accepted_how", "paper"), ("accepted_on__isnull", False)),
                    models.Q(
                        ("accepted_at__isnull", False),
                        ("accepted_by__isnull", False),
                        ("accepted_how", "program"),
                        ("accepted_hash", models.F("text_hash")),
                    ),
                    _connector="OR",
                ),
                name="accepted_text_is_the_one_sent",
                violation_error_message="The text is another than the one that was sent. Open the page again.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("countersigned_by__isnull", True),
                    ("accepted_by__isnull", True),
                    models.Q(("countersigned_by", models.F("accepted_by")), _negated=True),
                    _connector="OR",
                ),
                name="nobody_signs_a_contract_twice",
                violation_error_message="Your own contract is signed for the county by somebody else.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contractpaper",
            constraint=models.UniqueConstraint(fields=("contract", "kind"), name="one_paper_of_a_kind"),
        ),
        migrations.AddConstraint(
            model_name="contracttext",
            constraint=models.UniqueConstraint(fields=("language", "number"), name="contract_text_version_once"),
        ),
        migrations.AddConstraint(
            model_name="contracttext",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("language",),
                name="one_draft_of_a_contract_text",
                violation_error_message="There is a draft in this language already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="contracttext",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "in_use")), fields=("language",), name="one_contract_text_in_use"
            ),
        ),
        migrations.AddConstraint(
            model_name="contracttext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "draft"),
                    models.Q(("used_at__isnull", False), ("used_by__isnull", False)),
                    _connector="OR",
                ),
                name="contract_text_in_use_names_who",
            ),
        ),
        refuse(
            "experts_contract", "sent_contract_is_never_changed", "UPDATE OR DELETE", condition=SENT_CONTRACT_IS_FROZEN
        ),
        refuse("experts_contract", "contract_hash_is_of_its_text", "INSERT OR UPDATE", condition=HASH_IS_OF_THE_TEXT),
        refuse(
            "experts_contracttext", "contract_text_in_use_is_never_changed", "UPDATE OR DELETE", condition=TEXT_IN_USE
        ),
        refuse("experts_contractpaper", "contract_paper_is_never_changed", "UPDATE OR DELETE", condition=PAPER),
    ]
