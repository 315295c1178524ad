"""Two logical CPU devices for tf.distribute, a process that holds something, a browser."""

import gc
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DISTRIBUTED = Path(__file__).parent / "distributed"


@pytest.fixture(scope="module", autouse=True)
def _little_garbage():
    """TensorFlow forgets the functions of one file at once, those of many files in minutes.

    What outlives its file is left out of later collections, which would look through all of it.
    """
    yield
    gc.collect()
    gc.freeze()
    # Python waits until a quarter as many objects are new as there were at the last collection.
    gc.collect()


@pytest.fixture
def holder(request, tmp_path):
    """A process that runs the `HOLD` of the test's file on `tmp_path`, until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", request.module.HOLD, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert process.stdout.readline() == b"holds\n"
    yield process
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def chromium():
    """A real browser without a screen."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as driver:
        # Without its sandbox: it cannot be had in a container.
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """A function that opens an address as one more visitor; no request may leave this machine."""
    asked, opened = [], []

    def open_one(address, **how):
        context = chromium.new_context(accept_downloads=True, **how)
        opened.append(context)
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        # Of one answer, on a busy machine.
        page.set_default_timeout(20_000)
        page.goto(address)
        return page

    yield open_one
    for context in opened:
        context.close()
    own = ("http://127.0.0.1:", "file:", "data:", "blob:")
    assert asked
    assert [url for url in asked if not url.startswith(own)] == []


@pytest.fixture
def serious_findings():
    """A function of a page: what axe-core finds serious or critical in it, one line each."""
    path = os.environ.get("IIN_TF_AXE")
    if not path:
        pytest.skip("IIN_TF_AXE does not name the axe.min.js of axe-core")
    script = Path(path).read_text()

    def find(page):
        # Whatever the page's own rules for scripts are: it is no part of it.
        page.evaluate(script)
        found = page.evaluate("axe.run().then((result) => result.violations)")
        return [
            f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]

    return find


def pytest_configure(config):
    # Devices can be split only before their first use, which may be the import of a test, and
    # all tests share one process.  Who does not ask for these tests need not wait for TensorFlow.
    asked = [config.invocation_params.dir / arg.split("::")[0] for arg in config.args]
    if any(DISTRIBUTED.is_relative_to(path) or path.is_relative_to(DISTRIBUTED) for path in asked):
        import tensorflow as tf

        cpu = tf.config.list_physical_devices("CPU")[0]
        halves = [tf.config.LogicalDeviceConfiguration()] * 2
        tf.config.set_logical_device_configuration(cpu, halves)
