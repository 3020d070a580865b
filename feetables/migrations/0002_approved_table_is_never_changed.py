"""An approved fee table is never changed or deleted, only ended when another follows; its items never (R17)."""

from django.db import migrations

from office.triggers import refuse

CHANGED = """
  OLD.state = 'approved' AND (TG_OP = 'DELETE' OR
    ROW(NEW.state, NEW.valid_from, NEW.decided_by, NEW.decided_on, NEW.approved_at, NEW.approved_by_id)
    IS DISTINCT FROM
    ROW(OLD.state, OLD.valid_from, OLD.decided_by, OLD.decided_on, OLD.approved_at, OLD.approved_by_id))
"""

OF_APPROVED = """
  EXISTS (SELECT 1 FROM feetables_feetable t
          WHERE t.id IN (CASE WHEN TG_OP = 'INSERT' THEN NEW.table_id ELSE OLD.table_id END,
                         CASE WHEN TG_OP = 'DELETE' THEN OLD.table_id ELSE NEW.table_id END)
            AND t.state = 'approved')
"""


class Migration(migrations.Migration):
    dependencies = [("feetables", "0001_initial")]
    operations = [
        refuse("feetables_feetable", "approved_fee_table_is_never_changed", "UPDATE OR DELETE", condition=CHANGED),
        refuse("feetables_feeitem", "approved_fee_item_is_never_changed", "UPDATE OR DELETE", condition=OF_APPROVED),
    ]
