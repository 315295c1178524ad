"""The page, on Gradio: controls on one side, answers of a `Visit` on the other."""

import dataclasses
import functools
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from iin_tf.checks import InputError
from iin_tf.explorer import pieces
from iin_tf.explorer.explorer import Explorer
from iin_tf.explorer.form import ERASED, Form
from iin_tf.explorer.models import IMAGES, TEXTS
from iin_tf.explorer.parts import Parts, asked, one_line
from iin_tf.explorer.tabs import grid_tab, map_tab, neighbors_tab
from iin_tf.explorer.view import PATHS
from iin_tf.explorer.visit import Visit

# In a list to choose from; any other id can be typed.
_MOST_LISTED = 1000
# Inputs of one visitor's own that are kept.
_MOST_OWN = 20
INTRODUCTION = """
# What is in this representation?

A model sees an example as a row of numbers that mean nothing one by one. The network here turns
that row, without loss, into **blocks**: each named block holds what examples with the same value of
one factor share, such as the digit or the colour, and the **residual** holds the rest. Give the
example another one's block, or move along it, and only what that block holds should change.

Choose an example and a donor, open a block, and move its sliders.
"""


def build_page(explorer: Explorer) -> gr.Blocks:
    """The page of an explorer; every visitor has values of their own."""
    form, visit = Form(explorer.layout, explorer.directions), Visit(explorer)
    with gr.Blocks(title="iin_tf explorer", analytics_enabled=False) as page:
        gr.Markdown(INTRODUCTION)
        gr.HTML(pieces.blocks(explorer.layout, explorer.reads))
        example, donor, own, files, drawn = _chooser(explorer)
        stage = gr.HTML(elem_id="stage", elem_classes="sticky")
        # Not among the tabs, which count what stands beside them as one of theirs.
        opened = gr.State("")
        with gr.Tabs():
            with gr.Tab("Blocks") as first:
                controls, buttons, path, seed = _sliders(form)
                code = gr.Textbox(
                    label="The Python lines that make it",
                    lines=3,
                    buttons=["copy"],
                    elem_id="code",
                    interactive=False,
                )
            first.select(lambda: "", None, opened, queue=False)
            parts = Parts(example, donor, own, path, seed, controls, stage, code, opened)
            grid_tab(explorer, form, visit, parts)
            neighbors_tab(explorer, form, visit, parts)
            map_tab(explorer, form, visit, parts)
        _wire(page, explorer, form, visit, parts, buttons, files, drawn)
    return page


def _chooser(explorer: Explorer) -> tuple:
    """What is looked at: dropdowns of examples, and inputs of one's own."""
    gallery = explorer.gallery
    count = min(_MOST_LISTED, len(gallery))
    choices = [(gallery.caption(row), gallery.ids[row]) for row in range(count)]
    # A donor that has other factors: what an exchange does is seen at once.
    first, second = gallery.ids[0], gallery.ids[gallery.unlike(0)]
    how = {"choices": choices, "allow_custom_value": True, "min_width": 220}
    with gr.Row():
        example = gr.Dropdown(label="Example", value=first, elem_id="example", **how)
        donor = gr.Dropdown(label="Donor", value=second, elem_id="donor", **how)
        drawn = gr.Button("Draw both at random", elem_id="drawn", min_width=160)
    given: list[Any] = []
    own = gr.State({})
    if explorer.model.takes in (IMAGES, TEXTS):
        word = "image" if explorer.model.takes == IMAGES else "text"
        with gr.Accordion(f"Use {word}s of your own", open=False), gr.Row():
            for role in ("example", "donor"):
                name = f"own_{role}"
                label = f"An {word} as the {role}" if word == "image" else f"A text as the {role}"
                if explorer.model.takes == IMAGES:
                    given.append(gr.File(label=label, elem_id=name, height=120, min_width=220))
                else:
                    given.append(gr.Textbox(label=label, elem_id=name, submit_btn="Use it"))
    return example, donor, own, given, drawn


def _sliders(form: Form) -> tuple:
    controls, buttons = {}, {}
    for place, (block, parts) in enumerate(form.controls.items()):
        with gr.Accordion(f"Block: {block}", open=place == 0):
            with gr.Row():
                taken = gr.Button("Take the donor's", variant="primary", elem_id=f"take_{place}")
                reset = gr.Button("As it was", elem_id=f"reset_{place}")
            with gr.Row():
                controls[block] = [
                    _control(part, f"block_{place}_{number}") for number, part in enumerate(parts)
                ]
            buttons[block] = (taken, reset)
    with gr.Row():
        path = gr.Radio(list(PATHS), value="line", label="Way towards the donor")
        seed = gr.Number(0, label="Seed of draws and walks", precision=0, elem_id="seed")
    return controls, buttons, path, seed


def _control(part, name):
    if part.least is None:
        return gr.Radio(list(ERASED), value=part.start, label=part.label, elem_id=name)
    return gr.Slider(
        part.least,
        part.most,
        part.start,
        step=part.step,
        label=part.label,
        elem_id=name,
        min_width=260,
    )


def _wire(page, explorer, form, visit, parts, buttons, files, drawn):
    """Which event asks for what."""
    quick = {"queue": False, "show_progress": "hidden", "trigger_mode": "always_last"}
    outputs = [parts.stage, parts.code]

    def answer(view, own):
        return [visit.stage(view, own), visit.code(view)]

    def show(*values):
        return answer(*asked(form, values))

    def with_block(change, block, *values):
        *chosen, path, seed = values[:5]
        moved = change(values[5:], block)
        view, own = asked(form, (*chosen, path, seed, *moved))
        return [*moved[form.slices()[block]], *answer(view, own)]

    for block, (taken, reset) in buttons.items():
        own_outputs = [*parts.controls[block], *outputs]
        for button, change in ((taken, form.taken), (reset, form.reset)):
            asked_for = functools.partial(with_block, change, block)
            told = one_line(asked_for, len(own_outputs), len(own_outputs) - 2)
            button.click(told, parts.inputs, own_outputs, **quick)
    sliders = [one for controls in parts.controls.values() for one in controls]
    for control in (*sliders, parts.example, parts.donor, parts.path, parts.seed):
        control.input(one_line(show, 2), parts.inputs, outputs, **quick)
    page.load(one_line(show, 2), parts.inputs, outputs, queue=False, show_progress="hidden")

    def draw(*values):
        rows = np.random.default_rng().permutation(len(explorer.gallery))[:2]
        first, second = explorer.gallery.ids[rows[0]], explorer.gallery.ids[rows[-1]]
        return [first, second, *show(first, second, *values[2:])]

    drawn.click(one_line(draw, 4, 2), parts.inputs, [parts.example, parts.donor, *outputs], **quick)
    for role, given in zip(("example", "donor"), files, strict=False):
        event = given.upload if explorer.model.takes == IMAGES else given.submit
        read = one_line(functools.partial(_read, explorer, show, role), 4, 2)
        event(read, [given, *parts.inputs], [parts.own, getattr(parts, role), *outputs], **quick)


def _read(explorer, show, role, given, *values):
    """Takes an input of one's own in, as the example or the donor."""
    example, donor, own, *others = values
    name = Path(given).name if explorer.model.takes == IMAGES else given
    try:
        found = explorer.read(given)
    except InputError as error:
        # Where a visitor's file lies on this machine is nothing to tell.
        raise InputError(str(error).replace(given, name)) from error
    kept = dict(list(own.items())[-_MOST_OWN + 1 :])
    own = {**kept, name: dataclasses.replace(found, name=name)}
    example, donor = (name, donor) if role == "example" else (example, name)
    return [own, name, *show(example, donor, own, *others)]
