"""No personal identity code goes in, valid or mistyped."""

import pytest
from django.core.exceptions import ValidationError

from office.validators import has_identity_code, no_identity_code


@pytest.mark.parametrize(
    "text",
    [
        "131052-308T",
        "The client is 131052-308T, please call",
        "010100A123X",
        "010100+123X",
        "010100B123X",  # signs of 2023
        "010100y123x",
        "131052 -308T",
        "131052- 308T",
        "131052-308U",  # the check character is wrong: mistyped, but a person all the same
        "(131052-308T)",
        "131052-3080",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        no_identity_code(text)
    assert refusal.value.code == "identity_code"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Group on 7.10.2026 at 14.00–15.30",
        "Telephone 040 123 4567",
        "+358401234567",
        "Order 20261007-0012",
        "IBAN FI21 1234 5600 0007 85",
        "Diary number EX/1234/02.05/2026",
        "1131052-308T",  # longer number, not a birthday
        "131052-308TX",
    ],
)
def test_ordinary_text_is_let_through(text: str) -> None:
    assert not has_identity_code(text)
