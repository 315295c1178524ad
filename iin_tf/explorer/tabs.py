"""The tabs beside the sliders: a grid of exchanges, neighbours, and a map."""

from pathlib import Path
from typing import Any

import gradio as gr

from iin_tf.explorer.explorer import Explorer
from iin_tf.explorer.form import Form
from iin_tf.explorer.parts import Parts, asked, one_line
from iin_tf.explorer.visit import WHOLE, Visit

_SCRIPT = Path(__file__).parent / "map.js"


def _block_choice(explorer: Explorer, *more: str) -> Any:
    names = [*explorer.layout.factor_names, explorer.layout.names[0], *more]
    return gr.Radio(names, value=names[0], label="By which block")


def _answer(tab: Any, choices: list, states: list, show: Any, parts: Parts, answer: Any) -> None:
    """Asks when the tab is opened, a choice in it is made, or another example or donor chosen."""
    inputs = [*choices, *states, *parts.inputs]
    tab.select(lambda: tab.label, None, parts.opened, queue=False)
    for event in (tab.select, *(choice.input for choice in choices)):
        event(one_line(show), inputs, answer, show_progress="hidden")

    def again(opened, *values):
        # Of the other tabs nothing is seen.
        return show(*values) if opened == tab.label else gr.skip()

    for chosen in (parts.example, parts.donor):
        chosen.change(one_line(again), [parts.opened, *inputs], answer, show_progress="hidden")


def grid_tab(explorer: Explorer, form: Form, visit: Visit, parts: Parts) -> None:
    """Recipients down, donors across."""
    with gr.Tab("Grid") as tab:
        block = _block_choice(explorer)
        others = gr.Button("Other recipients and donors")
        drawn = gr.State(0)
        answer = gr.HTML(elem_id="grid")

    def show(block, number, *values):
        return visit.grid(*asked(form, values), block, number)

    inputs = [block, drawn, *parts.inputs]
    _answer(tab, [block], [drawn], show, parts, answer)
    others.click(lambda number: number + 1, drawn, drawn, show_progress="hidden").then(
        one_line(show), inputs, answer, show_progress="hidden"
    )


def neighbors_tab(explorer: Explorer, form: Form, visit: Visit, parts: Parts) -> None:
    """The examples that are nearest by one block."""
    with gr.Tab("Neighbours") as tab:
        block = _block_choice(explorer, WHOLE)
        answer = gr.HTML(elem_id="neighbors")

    def show(block, *values):
        return visit.neighbors(*asked(form, values), block)

    _answer(tab, [block], [], show, parts, answer)


def map_tab(explorer: Explorer, form: Form, visit: Visit, parts: Parts) -> None:
    """A block's codes as points to choose from."""
    known = explorer.gallery.labels
    labels = [name for name in explorer.layout.factor_names if name in known]
    labels += [name for name in known if name not in labels]
    with gr.Tab("Map") as tab:
        with gr.Row():
            block = _block_choice(explorer)
            label = gr.Dropdown(labels, value=labels[0] if labels else None, label="Coloured by")
            role = gr.Radio(["example", "donor"], value="example", label="A click chooses the")
        answer = gr.HTML(elem_id="map", js_on_load=_SCRIPT.read_text(encoding="utf-8"))

    def show(block, label, *values):
        return visit.map(*asked(form, values), block, label)

    def choose(event: gr.EventData, block, label, role, *values):
        example, donor, own, *others = values
        example, donor = (event.id, donor) if role == "example" else (example, event.id)
        view, own = asked(form, (example, donor, own, *others))
        told = visit.stage(view, own), visit.code(view)
        return [example, donor, visit.map(view, own, block, label), *told]

    _answer(tab, [block, label], [], show, parts, answer)
    outputs = [parts.example, parts.donor, answer, parts.stage, parts.code]
    answer.click(
        one_line(choose, len(outputs), 3),
        [block, label, role, *parts.inputs],
        outputs,
        show_progress="hidden",
    )
