"""Pages that open without a server: templates, and pictures inside."""

import base64
import io
from pathlib import Path

import jinja2
from matplotlib.figure import Figure


def render(template: str, **values: object) -> str:
    """The HTML of a template of this room, with everything in `values` escaped."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("iin_tf.reporting", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template(template).render(**values)


def inline(path: Path) -> str:
    """A PNG file as a data URL."""
    return _data_url(path.read_bytes())


def inline_figure(figure: Figure) -> str:
    """A matplotlib figure as the data URL of a PNG."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=110)
    return _data_url(file.getvalue())


def _data_url(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()
