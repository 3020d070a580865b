"""A published guide is never changed or removed; what an expert has read neither; a done checklist keeps its ticks."""

from django.db import migrations

from office.triggers import refuse

UNTICKED = """
  NEW.state = 'done' AND EXISTS (
    SELECT 1 FROM induction_inductionitem i WHERE i.induction_id = NEW.id AND i.ticked_at IS NULL)
"""

OF_DONE = """
  EXISTS (SELECT 1 FROM induction_induction i WHERE i.id IN (OLD.induction_id, NEW.induction_id) AND i.state = 'done')
"""


class Migration(migrations.Migration):
    dependencies = [("induction", "0001_initial")]
    operations = [
        refuse(
            "induction_guideversion",
            "published_guide_is_never_changed",
            "UPDATE OR DELETE",
            condition="OLD.state = 'published'",
        ),
        refuse("induction_guideread", "guide_read_is_never_changed", "UPDATE"),
        refuse("induction_induction", "done_induction_has_every_tick", "UPDATE", condition=UNTICKED),
        refuse("induction_inductionitem", "done_induction_is_never_changed", "UPDATE", condition=OF_DONE),
    ]
