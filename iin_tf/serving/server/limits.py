"""What the server does not do beyond."""

import dataclasses

from iin_tf import checks


@dataclasses.dataclass(frozen=True)
class Limits:
    """Limits of a server, of each request and of all together.

    Args:
      request_bytes: the largest body of a request.
      seconds: how long a request may take to arrive, and how long to be computed.
      concurrent: how many requests are computed or wait for it; the next is refused.
      threads: how many are computed at once.

    Raises:
      InputError: one is not above 0.
    """

    request_bytes: int = 64 * 2**20
    seconds: float = 30.0
    concurrent: int = 64
    threads: int = 4

    def __post_init__(self):
        for name in ("request_bytes", "concurrent", "threads"):
            checks.whole(getattr(self, name), name, least=1)
        checks.number(self.seconds, "seconds", above=0)
