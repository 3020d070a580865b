"""What has been approved is locked, what has been paid is never changed or deleted (R23)."""

from django.db import migrations

from office.triggers import refuse

FROZEN_RUN = """
  TG_OP = 'DELETE' OR OLD.state = 'paid'
  OR ROW(NEW.number, NEW.month, NEW.pay_date, NEW.made_at, NEW.made_by_id, NEW.lists, NEW.rows, NEW.experts, NEW.fees,
         NEW.travel, NEW.total, NEW.lines_hash)
     IS DISTINCT FROM
     ROW(OLD.number, OLD.month, OLD.pay_date, OLD.made_at, OLD.made_by_id, OLD.lists, OLD.rows, OLD.experts, OLD.fees,
         OLD.travel, OLD.total, OLD.lines_hash)
"""

LOCKED_LIST = """
  (TG_OP = 'DELETE' AND OLD.state IN ('approved', 'in_payment', 'paid'))
  OR OLD.state = 'paid'
  OR (TG_OP = 'UPDATE' AND (
       (OLD.state = 'in_payment' AND (NEW.state <> 'paid' OR NEW.run_id IS DISTINCT FROM OLD.run_id))
       OR ROW(NEW.expert_id, NEW.unit_id, NEW.month) IS DISTINCT FROM ROW(OLD.expert_id, OLD.unit_id, OLD.month)))
"""

LOCKED_ROW = """
  EXISTS (SELECT 1 FROM fees_hourlist l
          WHERE l.id IN (CASE WHEN TG_OP = 'INSERT' THEN NEW.hour_list_id ELSE OLD.hour_list_id END,
                         CASE WHEN TG_OP = 'DELETE' THEN OLD.hour_list_id ELSE NEW.hour_list_id END)
            AND l.state IN ('approved', 'in_payment', 'paid'))
"""

LOCKED_SESSION = """
  EXISTS (SELECT 1 FROM fees_hourrow r JOIN fees_hourlist l ON l.id = r.hour_list_id
          WHERE r.session_id = OLD.id AND l.state IN ('approved', 'in_payment', 'paid'))
"""


class Migration(migrations.Migration):
    dependencies = [("fees", "0001_initial"), ("assignments", "0002_session_inside_contract")]
    operations = [
        refuse("fees_runline", "frozen_line_is_never_changed", "UPDATE OR DELETE"),
        refuse("fees_rundocument", "document_is_never_changed", "UPDATE OR DELETE"),
        refuse("fees_paymentrun", "run_is_never_changed", "UPDATE OR DELETE", condition=FROZEN_RUN),
        refuse("fees_hourlist", "locked_list_is_never_changed", "UPDATE OR DELETE", condition=LOCKED_LIST),
        refuse("fees_hourrow", "locked_row_is_never_changed", "INSERT OR UPDATE OR DELETE", condition=LOCKED_ROW),
        refuse("assignments_session", "approved_session_is_locked", "UPDATE OR DELETE", condition=LOCKED_SESSION),
        refuse(
            "fees_correction",
            "taken_correction_is_never_changed",
            "UPDATE OR DELETE",
            condition="OLD.line_id IS NOT NULL",
        ),
    ]
