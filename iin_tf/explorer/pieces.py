"""The pieces of the page, as HTML; whatever comes from data is escaped."""

import base64
import io
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import numpy as np
from PIL import Image

from iin_tf.explorer.explorer import levels
from iin_tf.factors import FactorLayout

# Of a model's outputs.
_MOST_OUTPUTS = 5


def data_address(picture: np.ndarray) -> str:
    """A picture, uint8 [h, w] or [h, w, 3], as the address of a PNG in itself."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def picture_of(x: Any) -> np.ndarray | None:
    """An input as a picture; None where it is none."""
    if x is None or np.ndim(x) != 3 or np.shape(x)[-1] not in (1, 3):
        return None
    if np.asarray(x).dtype == np.uint8:
        return x[..., 0] if x.shape[-1] == 1 else x
    return levels(x)


def figure(picture: np.ndarray | None, text: str, caption: str, name: str = "") -> str:
    """A picture with a caption, or a text where there is no picture.

    Args:
      picture: uint8, or None.
      text: what it is of, in words.
      caption: under it; escaped.
      name: CSS class of the figure.
    """
    inside = (
        f'<p class="words">{escape(text)}</p>'
        if picture is None
        else f'<img src="{data_address(picture)}" alt="{escape(text)}">'
    )
    return (
        f'<figure class="{escape(name)}">{inside}'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def blocks(layout: FactorLayout, reads: Mapping[str, str]) -> str:
    """The blocks as a bar of their sizes and a list of what each reads."""
    names = (*layout.factor_names, layout.names[0])
    sizes = dict(zip(layout.names, layout.sizes, strict=True))
    bar = "".join(
        f'<span style="flex-grow:{sizes[name]}" class="part part{place % 6}">{escape(name)}</span>'
        for place, name in enumerate(names)
    )
    rows = "".join(
        f"<li><b>{escape(name)}</b>: {sizes[name]} of {layout.latent_size} numbers"
        + (f"; reads {escape(reads[name])}" if reads.get(name) else "")
        + "</li>"
        for name in names
    )
    return f'<div class="bar" aria-hidden="true">{bar}</div><ul class="blocks">{rows}</ul>'


def likelihood(log_prob: float, percentile: float, count: int, kind: str) -> str:
    """How likely what is shown is beside real examples."""
    return (
        f"<p>Likelier than <b>{percentile:.0f} %</b> of {count:,} {escape(kind)} "
        f'<meter min="0" max="100" low="1" value="{percentile:.1f}" '
        f'aria-label="likelier than so many percent"></meter> '
        f"({log_prob:.1f} nats)</p>"
    )


def readouts(values: Mapping[str, str]) -> str:
    """What probes read: factor -> value."""
    if not values:
        return ""
    items = ", ".join(f"{escape(name)} <b>{escape(value)}</b>" for name, value in values.items())
    return f"<p>Probes of the representation read: {items}.</p>"


def head(outputs: Mapping[str, np.ndarray]) -> str:
    """The model's own outputs, before and after: a table of those that are largest after."""
    tables = []
    for name, values in outputs.items():
        before, after = np.asarray(values, np.float64)
        order = np.argsort(-np.maximum(before, after))[:_MOST_OUTPUTS]
        rows = "".join(
            f'<tr><th scope="row">{place}</th><td>{before[place]:.3g}</td>'
            f"<td>{after[place]:.3g}</td></tr>"
            for place in order
        )
        tables.append(
            f"<table><caption>The model's own answer: {escape(name)}</caption><thead><tr>"
            '<th scope="col">output</th><th scope="col">before</th><th scope="col">after</th>'
            f"</tr></thead><tbody>{rows}</tbody></table>"
        )
    return "".join(tables)


def grid(
    top: Iterable[str], sides: Iterable[str], cells: Iterable[Iterable[str]], caption: str
) -> str:
    """A table of figures: donors along the top, recipients down the side, all HTML already."""
    head_row = "".join(f'<th scope="col">{one}</th>' for one in top)
    rows = "".join(
        f'<tr><th scope="row">{side}</th>' + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>"
        for side, row in zip(sides, cells, strict=True)
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="grid"><caption>{escape(caption)}</caption>'
        f"<thead><tr><td></td>{head_row}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
