"""The helper that reads the checkers' objections: only a wrong one to lengths is left out."""

from tests import papers


def pdf_with(length: int) -> bytes:
    return b"1 0 obj\n<</Length %d/Filter/X>>\nstream\nabc\n\nendstream\nendobj\n" % length


def test_a_length_is_right_to_the_byte() -> None:
    assert [length for length in range(10) if papers._lengths_are_right(pdf_with(length))] == [4]


def test_a_stream_without_a_length_is_wrong() -> None:
    assert not papers._lengths_are_right(pdf_with(4) + b"2 0 obj\n<<>>\nstream\nabc\nendstream\nendobj\n")
