"""The few errors a person may see. Each message is one sentence: what, where, what to do.

Anything else that escapes is a defect of ours and keeps its traceback.
May import: nothing of ours.
"""


class NamaakError(Exception):
    """Could not do it. The command line prints the sentence and exits with `exit_code`."""

    exit_code = 1


class UsageError(NamaakError):
    """The person asked for something that does not exist or does not fit."""

    exit_code = 2


class WatchFileError(UsageError):
    """The watch file has faults; `problems` holds all of them, so it is mended once."""

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__("\n".join((message, *(f"  - {problem}" for problem in problems))))
        self.problems = problems


class SourceError(NamaakError):
    """An input or a public source could not be read (to its end)."""


class LakeError(NamaakError):
    """The store of everything observed cannot be written or is damaged."""


class CasebookError(NamaakError):
    """The casebook cannot be opened, written, or was changed outside namaak."""


class CasebookLocked(CasebookError):
    """Another process is writing; the message names its PID."""
