"""Connections that come to an end, whoever holds the other one."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


def timed_connections(seconds: float) -> type[asyncio.Protocol]:
    """The protocol of a server whose connections do not wait for ever.

    uvicorn waits for ever for the rest of a head, and for a caller that does not read its answer:
    some hundred of these leave no connection to anybody else.

    Args:
      seconds: for a full buffer to move, and for a head to arrive, which may take twice that.
    """

    class TimedConnection(H11Protocol):
        """uvicorn's connection, with an eye on both."""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._seen: Any = None
            self._look = self.loop.call_later(seconds, self._leave_half_a_head)
            self._full: asyncio.TimerHandle | None = None

        def _leave_half_a_head(self):
            """Closes what was idle at the last look, and has begun no request since."""
            idle = self.cycle is None or self.cycle.response_complete
            if idle and self.cycle is self._seen:
                self.transport.close()
                return
            self._seen = self.cycle if idle else self
            self._look = self.loop.call_later(seconds, self._leave_half_a_head)

        def pause_writing(self) -> None:
            super().pause_writing()
            self._full = self.loop.call_later(seconds, self.transport.abort)

        def resume_writing(self) -> None:
            super().resume_writing()
            self._forget_full()

        def connection_lost(self, error: Exception | None) -> None:
            super().connection_lost(error)
            self._look.cancel()
            self._forget_full()

        def _forget_full(self):
            if self._full is not None:
                self._full.cancel()

    return TimedConnection
