"""Data sets with labels, the latent store, and the pair samplers."""

from iin_tf.lazy import attribute_loader

# Public name -> module; loaded on first use, because only some need TensorFlow or SciPy.
_PUBLIC = {
    "Augmentation": "iin_tf.data.handwriting",
    "ContinuousPairs": "iin_tf.data.continuous_pairs",
    "GroundTruth": "iin_tf.data.ground_truth",
    "LabelledImages": "iin_tf.data.examples",
    "LatentStore": "iin_tf.data.latent_store",
    "MixedPairs": "iin_tf.data.mixed_pairs",
    "PairSampler": "iin_tf.data.pairs",
    "PairTable": "iin_tf.data.pair_table",
    "SpritesGroundTruth": "iin_tf.data.sprites_ground_truth",
    "SquaredExponential": "iin_tf.data.label_kernel",
    "TableGroundTruth": "iin_tf.data.ground_truth",
    "TransformationPairs": "iin_tf.data.transformation_pairs",
    "audit_pairs": "iin_tf.data.pair_audit",
    "colored_digits": "iin_tf.data.bundled_digits",
    "digit_set": "iin_tf.data.digit_sets",
    "few_labels": "iin_tf.data.partial_labels",
    "labelled_images": "iin_tf.data.ground_truth",
    "latent_dataset": "iin_tf.data.pipeline",
    "map_to_file": "iin_tf.data.row_files",
    "pair_dataset": "iin_tf.data.pipeline",
    "read_cars3d": "iin_tf.data.cars3d",
    "read_dsprites": "iin_tf.data.ground_truth_files",
    "read_labels": "iin_tf.data.label_table",
    "read_mpi3d": "iin_tf.data.ground_truth_files",
    "read_shapes3d": "iin_tf.data.ground_truth_files",
    "read_tfds": "iin_tf.data.ground_truth_tfds",
    "render_sprites": "iin_tf.data.rendered_sprites",
    "sprite_views": "iin_tf.data.rendered_sprites",
    "sprites": "iin_tf.data.rendered_sprites",
    "transformed_copies": "iin_tf.data.transformation_pairs",
    "write_latent_chunks": "iin_tf.data.latent_writing",
    "write_latents": "iin_tf.data.latent_writing",
}

__all__ = list(_PUBLIC)
__getattr__ = attribute_loader(__name__, _PUBLIC)
