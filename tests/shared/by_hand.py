"""configs/latents.py with settings of its own, which is quick: nothing follows the data."""

from pathlib import Path

from iin_tf.experiment import load_config


def latents_config():
    config = load_config(str(Path(__file__).parents[2] / "configs" / "latents.py"))
    config.auto = ()
    config.first_stage.noise = 0.1
    config.network.update(blocks=4, hidden=128, depth=1, mixing="linear", correlation=0.975)
    config.training.steps = 1500
    return config
