"""Data sets with labels, the latent store, and the pair samplers."""

from iin_tf.lazy import attribute_loader

# Public name -> module; loaded on first use, because only some need TensorFlow or SciPy.
_PUBLIC = {
    "Augmentation": "iin_tf.data.sources.handwriting",
    "ContinuousPairs": "iin_tf.data.pairs.continuous",
    "Examples": "iin_tf.data.examples",
    "GroupSampler": "iin_tf.data.pairs.groups",
    "GroundTruth": "iin_tf.data.sources.ground_truth",
    "LazyRows": "iin_tf.data.lazy_rows",
    "ArrayLatents": "iin_tf.data.store.array_latents",
    "LatentStore": "iin_tf.data.store.latent_store",
    "MixedPairs": "iin_tf.data.pairs.mixed",
    "PairSampler": "iin_tf.data.pairs.by_label",
    "PairTable": "iin_tf.data.pairs.table",
    "SpritesGroundTruth": "iin_tf.data.sources.sprites_ground_truth",
    "SquaredExponential": "iin_tf.data.pairs.label_kernel",
    "TableGroundTruth": "iin_tf.data.sources.ground_truth",
    "TransformationPairs": "iin_tf.data.pairs.transformations",
    "array_examples": "iin_tf.data.sources.array_examples",
    "audit_pairs": "iin_tf.data.pairs.audit",
    "colored_digits": "iin_tf.data.sources.bundled_digits",
    "digit_set": "iin_tf.data.sources.digit_sets",
    "few_labels": "iin_tf.data.pairs.few_labels",
    "image_folder": "iin_tf.data.sources.image_folder",
    "group_dataset": "iin_tf.data.store.pipeline",
    "idx_images": "iin_tf.data.sources.idx_files",
    "labelled_images": "iin_tf.data.sources.ground_truth",
    "latent_dataset": "iin_tf.data.store.pipeline",
    "map_to_file": "iin_tf.data.store.row_files",
    "pair_dataset": "iin_tf.data.store.pipeline",
    "paired_examples": "iin_tf.data.sources.paired_examples",
    "paired_folders": "iin_tf.data.sources.paired_folders",
    "read_cars3d": "iin_tf.data.sources.cars3d",
    "read_dsprites": "iin_tf.data.sources.ground_truth_files",
    "read_idx": "iin_tf.data.sources.idx_files",
    "read_labels": "iin_tf.data.label_table",
    "read_mpi3d": "iin_tf.data.sources.ground_truth_files",
    "read_rows": "iin_tf.data.sources.row_sources",
    "read_shapes3d": "iin_tf.data.sources.ground_truth_files",
    "read_tfds": "iin_tf.data.sources.ground_truth_tfds",
    "render_sprites": "iin_tf.data.sources.rendered_sprites",
    "sprite_views": "iin_tf.data.sources.rendered_sprites",
    "sprites": "iin_tf.data.sources.rendered_sprites",
    "tfds_examples": "iin_tf.data.sources.tfds_examples",
    "transformed_copies": "iin_tf.data.pairs.transformations",
    "write_latent_chunks": "iin_tf.data.store.writing",
    "write_latents": "iin_tf.data.store.writing",
}

__all__ = list(_PUBLIC)
__getattr__ = attribute_loader(__name__, _PUBLIC)
