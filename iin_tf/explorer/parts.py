"""What all parts of the page share: the components of the view, and one line for an error."""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import gradio as gr

from iin_tf.checks import InputError
from iin_tf.explorer.form import Form
from iin_tf.explorer.view import View
from iin_tf.serving.client import ServerError

# What a visitor gave wrong, and what a server of the model cannot answer.
_SAID = (InputError, ServerError, ConnectionError, TimeoutError)


@dataclasses.dataclass
class Parts:
    """The components that events read and write; `opened` is the name of the tab that is seen."""

    example: Any
    donor: Any
    own: Any
    path: Any
    seed: Any
    controls: dict[str, list]
    stage: Any
    code: Any
    opened: Any

    @property
    def inputs(self) -> list[Any]:
        """What every event reads, in the order that `asked` takes."""
        values = [one for controls in self.controls.values() for one in controls]
        return [self.example, self.donor, self.own, self.path, self.seed, *values]


def asked(form: Form, values: Sequence[Any]) -> tuple[View, dict]:
    """The view, and the visitor's own inputs, of the values of `Parts.inputs`."""
    example, donor, own, path, seed, *controls = values
    return form.view(example, donor, controls, path, seed), own


def one_line(function: Callable, outputs: int = 1, place: int = 0) -> Callable:
    """`function`, but what is wrong is said in one of its outputs.

    In the page itself, where it stays, and where a screen reader finds it.

    Args:
      function: of the values of components.
      outputs: how many it gives.
      place: of the one that is HTML; the others stay as they are.
    """

    # Its signature says whether it asks for what has happened.
    @functools.wraps(function)
    def told(*values):
        try:
            return function(*values)
        except _SAID as error:
            line = f'<p role="alert" class="alert">{escape(str(error))}</p>'
            if outputs == 1:
                return line
            return [line if one == place else gr.skip() for one in range(outputs)]

    return told
