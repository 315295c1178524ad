"""A whole experiment in one working directory, stage by stage."""

from iin_tf.lazy import attribute_loader

# Public name -> module, loaded on first use.
_PUBLIC = {
    "Edit": "iin_tf.experiment.edit_inputs",
    "Source": "iin_tf.experiment.sources",
    "Stage": "iin_tf.experiment.stages.registry",
    "Workdir": "iin_tf.experiment.workdir",
    "default_config": "iin_tf.experiment.config",
    "edit_images": "iin_tf.experiment.editing",
    "load_config": "iin_tf.experiment.config_file",
    "register_stage": "iin_tf.experiment.stages.registry",
    "register_source": "iin_tf.experiment.sources",
    "run_seeds": "iin_tf.experiment.repeat",
    "run_stages": "iin_tf.experiment.run",
    "shrunk": "iin_tf.experiment.small",
}

__all__ = list(_PUBLIC)
__getattr__ = attribute_loader(__name__, _PUBLIC)
