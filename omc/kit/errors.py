"""The expected refusal: an exception that tells a person what to do next and a program which case it is."""


class Refusal(Exception):  # noqa: N818 - the house's word: a refusal is an answer, not an error
    """An expected "no". A bug is an assertion instead; nothing else is raised on purpose.

    `code` is stable snake_case for programs, `status` the HTTP status, `text` a sentence that says what to do next,
    `place` where in the input (a JSON pointer, or `file:line`), `retry_after_s` when trying again may help. `more` is
    plain JSON that the answer carries beside them: the extension members of RFC 9457, section 3.2.
    """

    def __init__(self, code: str, status: int, text: str, *, place: str = "", retry_after_s: int | None = None) -> None:
        """Make a refusal."""
        super().__init__(text)
        self.code = code
        self.status = status
        self.text = text
        self.place = place
        self.retry_after_s = retry_after_s
        self.more: dict[str, object] = {}


class InstallationError(Exception):
    """The installation itself cannot work (no database, a wrong setting, a full disk); the text says what to do."""

    def __init__(self, code: str, text: str) -> None:
        """Keep a code for programs and a text for people."""
        super().__init__(text)
        self.code = code
        self.text = text
