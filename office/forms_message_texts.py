"""The form of a message's words: one field a piece."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from office.forms import PlainText
from office.message_texts import MOST_SIGNS, SUBJECT_SIGNS, Piece, as_kept, faults_of


def _help(piece: Piece) -> str:
    said = [_("Nothing sensitive: it is seen without opening the message.")] if piece.is_subject else []
    if piece.sometimes:
        said.append(_("Said only in some cases: the program knows when."))
    return " ".join(str(one) for one in said)


class WordsForm(forms.Form):
    """What is typed is kept, whatever is wrong with it; ``seen`` tells which version was looked at."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, pieces: list[Piece], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pieces = pieces
        for piece in pieces:
            field = PlainText(
                label=piece.label,
                help_text=_help(piece),
                validators=[MaxLengthValidator(SUBJECT_SIGNS if piece.is_subject else MOST_SIGNS)],
                widget=forms.TextInput() if piece.is_subject else forms.Textarea(attrs={"rows": 4}),
                required=False,  # what is empty gets a sentence of its own
            )
            field.mark_optional = False  # type: ignore[attr-defined]  # read by the field's template
            self.fields[piece.field] = field

    def clean(self) -> dict[str, Any]:
        """Every fault of every piece as a sentence beside it."""
        data = super().clean() or {}
        for piece in self.pieces:
            if piece.field in data:
                for sentence in faults_of(piece, data[piece.field]):
                    self.add_error(piece.field, sentence)
        return data

    @property
    def texts(self) -> dict[str, str]:
        """The words by piece, of a form that is right."""
        return {piece.key: as_kept(self.cleaned_data[piece.field]) for piece in self.pieces}

    @property
    def rows(self) -> list[tuple[Piece, Any]]:
        """Each piece with its field."""
        return [(piece, self[piece.field]) for piece in self.pieces]
