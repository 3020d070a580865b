"""What is frozen may be deleted only when its time is over, under the mark of the retention job (decision 0014).

Here, above all the guarded tables. Reports of erasures and of retention are never changed; an erased expert stays so.
"""

from django.db import migrations

from office.triggers import let_old_go, refuse

RUN_OVER = """
CREATE FUNCTION fees_run_over(run bigint) RETURNS boolean LANGUAGE sql STABLE AS $body$
  SELECT coalesce((SELECT retention_over('fees', r.pay_date, 120) FROM fees_paymentrun r
                   WHERE r.id = run AND r.state = 'paid'), FALSE)
$body$;
CREATE FUNCTION fees_list_over(list bigint) RETURNS boolean LANGUAGE sql STABLE AS $body$
  SELECT coalesce((SELECT fees_run_over(l.run_id) FROM fees_hourlist l WHERE l.id = list), FALSE)
$body$;
CREATE FUNCTION fees_line_over(line bigint) RETURNS boolean LANGUAGE sql STABLE AS $body$
  SELECT coalesce((SELECT fees_run_over(f.run_id) FROM fees_runline f WHERE f.id = line), FALSE)
$body$;
"""
NOT_OVER = """
DROP FUNCTION fees_line_over(bigint);
DROP FUNCTION fees_list_over(bigint);
DROP FUNCTION fees_run_over(bigint);
"""

#: The function of the row's trigger knows which lists are locked; here only that an old one may go, an open one too.
ROW_FREE = "fees_list_over(OLD.hour_list_id)"
LIST_FREE = "fees_run_over(OLD.run_id)"

CONTRACT_IS_KEPT = """
  OLD.state IN ('in_force', 'ended') AND NOT retention_over('contracts', OLD.valid_to, 120)
"""
PAPER_IS_KEPT = """
  EXISTS (SELECT 1 FROM experts_contract c WHERE c.id = OLD.contract_id AND c.state IN ('in_force', 'ended')
          AND NOT retention_over('contracts', c.valid_to, 120))
"""

STAYS_ERASED = """
  OLD.erased_at IS NOT NULL AND (
    ROW(NEW.erased_at, NEW.first_name, NEW.last_name, NEW.state)
      IS DISTINCT FROM ROW(OLD.erased_at, OLD.first_name, OLD.last_name, OLD.state)
    OR NEW.email <> '' OR NEW.phone <> '' OR NEW.municipality <> '' OR NEW.availability <> '' OR NEW.training <> ''
    OR NEW.introduction_fi <> '' OR NEW.introduction_sv <> '' OR NEW.note <> '' OR NEW.payroll_number IS NOT NULL)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0003_rights_and_retention"),
        ("office", "0005_retention"),
        ("experts", "0004_contracts_in_full"),
        ("assignments", "0003_ordering_in_full"),
        ("fees", "0002_paid_is_never_changed"),
    ]
    operations = [
        migrations.RunSQL(RUN_OVER, NOT_OVER),
        let_old_go("fees_runline", "frozen_line_is_never_changed", over="fees_run_over(OLD.run_id)"),
        let_old_go("fees_rundocument", "document_is_never_changed", over="fees_run_over(OLD.run_id)"),
        let_old_go("fees_paymentrun", "run_is_never_changed", over="fees_run_over(OLD.id)"),
        let_old_go("fees_hourlist", "locked_list_is_never_changed", over=LIST_FREE),
        let_old_go("fees_hourrow", "locked_row_is_never_changed", over=ROW_FREE, others="INSERT OR UPDATE"),
        let_old_go("fees_correction", "taken_correction_is_never_changed", over="fees_line_over(OLD.line_id)"),
        refuse("experts_contract", "contract_is_kept_its_time", "DELETE", condition=CONTRACT_IS_KEPT),
        refuse("experts_contractpaper", "contract_paper_is_kept_its_time", "DELETE", condition=PAPER_IS_KEPT),
        refuse("experts_expert", "erased_expert_stays_erased", "UPDATE", condition=STAYS_ERASED),
        refuse("desk_erasurereport", "erasure_report_is_never_changed", "UPDATE OR DELETE"),
        refuse("desk_retentionrun", "retention_run_is_never_changed", "UPDATE OR DELETE"),
        refuse("desk_removalreport", "removal_report_is_never_changed", "UPDATE OR DELETE"),
    ]
