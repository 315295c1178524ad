"""What the page shows a visitor: from values of its controls to HTML; no toolkit in sight."""

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np

from iin_tf.checks import InputError, shown
from iin_tf.explorer import pieces
from iin_tf.explorer.explorer import Explorer, Own, Shown
from iin_tf.explorer.maps import BlockMap
from iin_tf.explorer.view import View

NEIGHBORS, GRID = 8, 5
WHOLE = "the whole code"


class Visit:
    """The answers of an explorer as HTML; a visitor's own inputs come with every question.

    Args:
      explorer: Explorer.
    """

    def __init__(self, explorer: Explorer):
        self.explorer, self._gallery = explorer, explorer.gallery
        self._maps = {name: BlockMap(explorer.gallery, name) for name in explorer.layout.names}

    def stage(self, view: View, own: Mapping[str, Own]) -> str:
        """The example, what is shown, the donor, and what is to be said of them."""
        self._check_known(view, own)
        shown_now = self.explorer.show(view, own)
        figures = [
            self._figure(view.example, own, "Example"),
            self._after(shown_now),
            self._figure(view.donor, own, "Donor") if view.donor else "",
        ]
        return (
            f'<div class="stage"><div class="pictures">{"".join(figures)}'
            f'<div class="facts">{self._facts(view, own, shown_now)}</div></div></div>'
        )

    def code(self, view: View) -> str:
        """The Python lines that make what is shown."""
        return self.explorer.code(view)

    def neighbors(self, view: View, own: Mapping[str, Own], block: str) -> str:
        """The examples nearest to what is shown."""
        self._check_known(view, own)
        code = self.explorer.show(view, own).z_tilde
        rows = self._gallery.neighbors(code, None if block == WHOLE else block, NEIGHBORS)
        figures = "".join(self._figure(self._gallery.ids[row], {}) for row in rows)
        return (
            f"<p>The {self._gallery.kind} nearest to what is shown, by {escape(block)}, nearest "
            f'first.</p><div class="pictures">{figures}</div>'
        )

    def grid(self, view: View, own: Mapping[str, Own], block: str, seed: int) -> str:
        """Recipients down, donors across: each recipient with each donor's block."""
        self._check_known(view, own)
        drawn = np.random.default_rng(seed).permutation(len(self._gallery))
        others = [self._gallery.ids[row] for row in drawn[: 2 * GRID - 2]]
        recipients = [view.example, *others[: GRID - 1]]
        donors = [view.donor or view.example, *others[GRID - 1 :]]
        z = self.explorer.grid(recipients, donors, block, own)
        cells = self._cells(z.reshape(-1, z.shape[-1]))
        columns = len(donors)
        return pieces.grid(
            [self._figure(one, own, short=True) for one in donors],
            [self._figure(one, own, short=True) for one in recipients],
            [cells[row * columns : (row + 1) * columns] for row in range(len(recipients))],
            f"Recipients down, donors across: the recipient with the donor's {block}",
        )

    def map(self, view: View, own: Mapping[str, Own], block: str, label: str | None) -> str:
        """The map of a block, with a ring around what is shown."""
        self._check_known(view, own)
        code = self.explorer.show(view, own).z_tilde
        return f'<div class="map">{self._maps[block].svg(label, code)}</div>'

    def _check_known(self, view, own):
        """Who visits names examples, and no files of this machine."""
        for name in (view.example, view.donor):
            if name and name not in own:
                self._gallery.known_row(name)
        if not view.example:
            raise InputError(f"example is {shown(view.example)}; choose one")

    def _figure(self, example, own, role="", short=False):
        row = None if example in own else self._gallery.row(example)
        caption = example if row is None else self._gallery.caption(row)
        picture = pieces.picture_of(self._looks(example, own))
        if picture is None and row is not None:
            picture = self.explorer.pictures(self._gallery.z[row : row + 1])[0]
        if picture is not None:
            return pieces.figure(picture, caption, _joined(role, example if short else caption))
        if short or row is None:
            return pieces.figure(None, caption, role)
        return self._words(row, role)

    def _words(self, row, role):
        return pieces.figure(None, self._gallery.name(row), _joined(role, self._gallery.told(row)))

    def _looks(self, example, own):
        if example in own:
            return own[example].picture
        row = self._gallery.row(example)
        return None if self._gallery.x is None else np.asarray(self._gallery.x[row])

    def _after(self, shown_now: Shown):
        if shown_now.picture is not None:
            return pieces.figure(shown_now.picture, "what is shown", "Shown (decoded)", "after")
        row = self._gallery.neighbors(shown_now.z_tilde, None, 1)[0]
        return self._words(row, "Nearest example to what is shown")

    def _facts(self, view, own, shown_now):
        gallery = self._gallery
        facts = pieces.likelihood(
            shown_now.log_prob, shown_now.percentile, len(gallery), gallery.kind
        )
        facts += pieces.readouts({name: _value(one) for name, one in shown_now.readouts.items()})
        if shown_now.picture is not None:
            address = pieces.data_address(shown_now.picture)
            facts += f'<p><a download="picture.png" href="{address}">Save the picture</a></p>'
        word = own[view.example].word if view.example in own else ""
        facts += f"<p>{escape(word)}</p>" if word else ""
        return facts + pieces.head(self.explorer.head(view, shown_now.z, own))

    def _cells(self, z):
        pictures = self.explorer.pictures(z)
        if pictures[0] is not None:
            return [pieces.figure(picture, "edited", "") for picture in pictures]
        codes = self.explorer.model.transform(z)
        rows = [self._gallery.neighbors(code, None, 1)[0] for code in codes]
        read = self.explorer.readouts(z)
        return [
            _cell(self._gallery.caption(row), told) for row, told in zip(rows, read, strict=True)
        ]


def _joined(role, told):
    return ": ".join(part for part in (role, told) if part)


def _cell(nearest, told):
    read = ", ".join(f"{name} {_value(value)}" for name, value in told.items())
    return f'<p class="words">{escape(read or nearest)}</p>'


def _value(value: Any) -> str:
    """A read-out in few letters."""
    numbers = np.atleast_1d(value)
    if numbers.dtype.kind == "f":
        return "/".join(f"{number:.2g}" for number in numbers)
    return "/".join(str(number) for number in numbers)
