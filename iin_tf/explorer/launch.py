"""Serves the page, on this machine alone unless asked otherwise."""

import importlib.util
import logging
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.interruption import Interrupted

if TYPE_CHECKING:
    from iin_tf.explorer.explorer import Explorer

LOOPBACK = "127.0.0.1"
# Of a file that a visitor gives.
_LARGEST_FILE = "20mb"
_TRIED = 100


def check_toolkit() -> None:
    """Raises InputError where Gradio is not installed."""
    if importlib.util.find_spec("gradio") is None:
        raise InputError(
            "the explorer needs gradio, which is not installed: pip install 'iin_tf[explore]'"
        )


def check_port(port: int, host: str = LOOPBACK) -> None:
    """Raises InputError where a port cannot be used; one that is in use offers the next free."""
    checks.whole(port, "port", least=1, most=65535)
    if _is_free(port, host):
        return
    free = next(
        (one for one in range(port + 1, min(port + _TRIED, 65536)) if _is_free(one, host)),
        None,
    )
    mend = "give another" if free is None else f"give another, such as --port={free}"
    raise InputError(f"port is {port}, which is in use or not allowed on {host}; {mend}")


def launch(
    explorer: "Explorer", port: int, host: str = LOOPBACK, block: bool = True
) -> tuple[Any, str]:
    """Serves the page of an explorer until it is interrupted.

    Args:
      explorer: Explorer.
      port: of the page.
      host: the address that it listens on; anything but loopback lets others in.
      block: wait until it is interrupted; False returns while it serves.

    Returns:
      The `gradio.Blocks`, with `close`, and the address of the page.

    Raises:
      InputError: Gradio is missing, the port cannot be used, or the page does not answer.
    """
    check_toolkit()
    check_port(port, host)
    for name in ("httpx", "httpx2"):
        # They note every request, and absl shows what is noted.
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("no_proxy", "NO_PROXY"):
        # The page asks itself whether it is there: that is no proxy's business.
        given = (os.environ.get(name), LOOPBACK, "localhost", host)
        os.environ[name] = ",".join(filter(None, given))
    # Read at the import: nobody is told that it runs.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

    from iin_tf.explorer.page import build_page

    page = build_page(explorer)
    try:
        address = _launched(page, port, host)
    except ValueError as error:
        if "localhost" not in str(error):
            raise
        raise InputError(
            f"the page on {host}, port {port}, does not answer: this machine may be too busy; "
            "try again"
        ) from error
    if block:
        print(f"[iin] {address} - Ctrl+C ends it", flush=True)
        _wait(page)
    return page, address


def _launched(page, port, host):
    import gradio as gr

    # System fonts: no page of ours asks another server for one.
    theme = gr.themes.Base(
        font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
    )
    return page.launch(
        server_name=host,
        server_port=port,
        share=False,
        inbrowser=False,
        quiet=True,
        ssr_mode=False,
        footer_links=[],
        theme=theme,
        css=(Path(__file__).parent / "explorer.css").read_text(encoding="utf-8"),
        max_file_size=_LARGEST_FILE,
        prevent_thread_lock=True,
    )[1]


def _wait(page):
    try:
        page.block_thread()
    except Interrupted:
        # So a page ends; there is nothing to go on with.
        page.close(verbose=False)
        print("[iin] stopped", flush=True)


def _is_free(port, host):
    with socket.socket() as tried:
        # As servers do: what an ended one left behind is no hindrance.
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError:
            return False
    return True
