"""What a server says no with."""


class SenselessAnswer(Exception):
    """An answer that is none to what was asked."""


class ServerError(RuntimeError):
    """The server refused a request, or failed; the message is the server's own.

    Args:
      words: what the server said.
      status: HTTP status, or the name of the gRPC code.
    """

    def __init__(self, words: str, status: int | str):
        super().__init__(words)
        self.status = status

    @property
    def is_gone(self) -> bool:
        """Whether what was asked isn't served, such as a version that was replaced."""
        return self.status in (404, "NOT_FOUND")
