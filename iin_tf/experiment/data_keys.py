"""What the part `data` of a config can say: where examples come from, and what is made of them."""

from iin_tf import checks
from iin_tf.data.sources.coloring import COLORINGS
from iin_tf.data.sources.image_form import RESIZES
from iin_tf.data.sources.pictures import CORRUPT
from iin_tf.experiment import key_checks as takes
from iin_tf.experiment.key_checks import Key
from iin_tf.experiment.sources import SOURCES

_COUNT = takes.at_least(1)

DATA: dict[str, Key] = {
    "source": Key("colored_digits", takes.one_of(SOURCES)),
    "data_dir": Key("", takes.text),  # where tensorflow-datasets keeps its files; "": default
    # Whether source "tfds" and the digit sets may fetch what is not there.
    "download": Key(False, checks.flag),
    # The data set of source "tfds"; what the names of the files of source "idx" begin with,
    # where a folder holds several sets.
    "name": Key("", takes.text),
    # What the class is called in files of source "idx".
    "label": Key("digit", takes.name),
    # The folder of source "images" or "idx"; the rows of source "latents" or "arrays".
    "path": Key("", takes.text),
    # A second file whose rows show the same things, joined by id; of source "images" a second
    # folder, joined by the names of the files.
    "paired_path": Key("", takes.text),
    # Of source "images" and "tfds": a side or (height, width), None for the size that all
    # have; how other sizes come to it; 1 for grey, 3 for RGB, None for what all have.
    "size": Key(None, takes.image_size),
    "resize": Key("refuse", takes.one_of(RESIZES)),
    "channels": Key(None, takes.image_channels),
    # Of source "images": "refuse" files that cannot be read, or "skip" them.
    "corrupt": Key("refuse", takes.one_of(CORRUPT)),
    # Of source "latents": name of the rows in a file that holds several arrays or columns.
    "key": Key("x", takes.name),
    # Table of labels, joined by its column id: CSV or Parquet.
    "labels": Key("", takes.file_or_nothing),
    # Fraction of the sources in the test split, where the table has no column split.
    "test": Key(0.2, checks.fraction),
    # Of digits; "" leaves those of source "idx" grey.
    "coloring": Key("strokes", takes.one_of((*COLORINGS, ""))),
    "views": Key(30, _COUNT),  # of each original image, coloured at random
    "test_views": Key(4, _COUNT),
    "views_change": Key("", takes.text),  # the factor in which alone a sprite's views differ
    "examples": Key(10000, takes.at_least(2)),  # original sprites; digit sets have their own
    "test_examples": Key(2000, takes.at_least(2)),
    "images_per_color": Key(8, _COUNT),
    "factors": Key(("digit", "color"), takes.factor_names),
    # Fraction of the training examples held out from the flow.
    "validation": Key(0.07, checks.fraction),
}
