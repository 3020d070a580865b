"""What the database refuses: deciding without both views, changing a view, a decision or a look that stands."""

from django.db import migrations

from office.triggers import refuse

#: Moving on from the interview: two views given, one of them a professional's (R25).
NOT_READY = """
    NEW.state IN ('training', 'accepted') AND OLD.state IS DISTINCT FROM NEW.state AND (
      SELECT count(*) < 2 OR NOT bool_or(seat.is_professional)
      FROM recruitment_interviewer seat JOIN recruitment_interview held ON held.id = seat.interview_id
      WHERE held.application_id = NEW.id AND seat.given_at IS NOT NULL
    )
"""


class Migration(migrations.Migration):
    dependencies = [("recruitment", "0001_applications")]
    operations = [
        refuse("recruitment_application", "decision_has_both_views", "UPDATE", condition=NOT_READY),
        refuse(
            "recruitment_interviewer", "given_view_is_never_changed", "UPDATE", condition="OLD.given_at IS NOT NULL"
        ),
        refuse("recruitment_decision", "decision_is_never_changed", "UPDATE"),
        refuse("recruitment_look", "look_is_never_changed", "UPDATE"),
    ]
