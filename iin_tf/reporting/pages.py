"""Pages that open without a server: templates, and pictures inside."""

import base64
from pathlib import Path

import jinja2


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
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()
