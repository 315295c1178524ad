"""The web application: limits of each request, and an answer in JSON whatever happens."""

import asyncio
import concurrent.futures
import logging
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from iin_tf.serving.server.errors import Refused
from iin_tf.serving.server.limits import Limits
from iin_tf.serving.server.requests import Models, error_body

_LOG = logging.getLogger("iin_tf.serving")
_JSON = "application/json"
# HTTP's own status for whoever hangs up; nobody reads it.
_GONE = 499


class Application:
    """Answers GET and POST below /v1/models within limits.

    Args:
      models: Models.
      limits: Limits.
    """

    def __init__(self, models: Models, limits: Limits):
        self._models, self._limits = models, limits
        self._pool = concurrent.futures.ThreadPoolExecutor(limits.threads, "iin_serve")
        # Requests that are computed or wait for it; counted by the event loop alone.
        self._waiting = 0
        routes = [Route("/{path:path}", self._answer, methods=["GET", "POST"])]
        self.web = Starlette(routes=routes, exception_handlers={404: _malformed, 405: _malformed})

    def close(self) -> None:
        """Takes no more requests; what is being computed ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _answer(self, request: Request) -> Response:
        try:
            return Response(await self._body(request), media_type=_JSON)
        except Refused as refused:
            # What is left of the request is not read, so the connection is of no more use.
            headers = {"connection": "close"} if refused.status in (408, 413) else None
            return Response(error_body(refused), refused.status, headers, media_type=_JSON)
        except asyncio.CancelledError:
            # The server's grace is over; who waits still is told so, and not cut.
            refused, headers = Refused(503, "the server is stopping"), {"connection": "close"}
            return Response(error_body(refused), refused.status, headers, media_type=_JSON)
        except ClientDisconnect:
            return Response(status_code=_GONE)
        except Exception:
            _LOG.exception("%s %s failed", request.method, request.url.path)
            refused = Refused(500, "the server failed; its log says how")
            return Response(error_body(refused), 500, media_type=_JSON)

    async def _body(self, request):
        path = request.url.path
        if not path.startswith("/v1/models/"):
            raise Refused(404, f"there is nothing at {path}; see /v1/models/NAME")
        if request.method == "GET":
            return await self._computed(lambda: self._models.get(path))
        body = await self._received(request)
        return await self._computed(lambda: self._models.post(path, body))

    async def _received(self, request):
        most, seconds = self._limits.request_bytes, self._limits.seconds
        parts, size = [], 0
        try:
            async with asyncio.timeout(seconds):
                async for part in request.stream():
                    size += len(part)
                    if size > most:
                        raise Refused(413, f"the request has more than {most} bytes")
                    parts.append(part)
        except TimeoutError:
            raise Refused(408, f"the request took longer than {seconds:g} s to arrive") from None
        return b"".join(parts)

    async def _computed(self, work: Callable[[], bytes]) -> bytes:
        if self._waiting >= self._limits.concurrent:
            raise Refused(503, f"{self._limits.concurrent} requests are being answered; try later")
        self._waiting += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        # A thread cannot be stopped; a request counts until it is done.
        future.add_done_callback(self._done)
        seconds = self._limits.seconds
        try:
            return await asyncio.wait_for(asyncio.shield(future), seconds)
        except TimeoutError:
            raise Refused(504, f"the answer took longer than {seconds:g} s") from None

    def _done(self, future):
        self._waiting -= 1
        # Of a request that was given up, nobody else asks.
        if not future.cancelled():
            future.exception()


def _malformed(request, _):
    refused = Refused(400, f"Malformed request: {request.method} {request.url.path}")
    return Response(error_body(refused), 400, media_type=_JSON)
