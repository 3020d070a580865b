"""ZIP archives that leave while they are made: nothing of them is kept, and the same files give the same bytes."""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime

from office import formats


def entry(name: str, moment: datetime) -> zipfile.ZipInfo:
    """A file in an archive, with a clock of ours."""
    local = formats.local(moment)
    made = zipfile.ZipInfo(name, (local.year, local.month, local.day, local.hour, local.minute, local.second))
    made.external_attr = 0o644 << 16
    return made


def zipped(files: Iterable[tuple[str, datetime, bytes]]) -> Iterator[bytes]:
    """The archive of (name, moment, content) as it grows; one file at a time is in memory."""
    out = _Passing()
    with zipfile.ZipFile(out, "w") as archive:  # type: ignore[call-overload]  # it only writes
        for name, moment, content in files:
            archive.writestr(entry(name, moment), content, zipfile.ZIP_STORED)
            yield out.taken()
    yield out.taken()


class _Passing:
    """A file that is only written; what is written is taken away at once."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing waits."""

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)
