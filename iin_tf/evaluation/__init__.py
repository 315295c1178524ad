"""Figures, measures and the report of a trained network."""

from iin_tf.lazy import attribute_loader

# Public name -> module; the measures work on arrays, and bring no TensorFlow with them.
_PUBLIC = {
    "Protocol": "iin_tf.evaluation.measures",
    "disentanglement": "iin_tf.evaluation.measures",
    "interventions": "iin_tf.evaluation.measures",
    "udr": "iin_tf.evaluation.measures",
    "unfairness_of_counts": "iin_tf.evaluation.measures",
    "block_measures": "iin_tf.evaluation.block_measures",
    "features_of": "iin_tf.evaluation.frechet",
    "frechet_distance": "iin_tf.evaluation.frechet",
    "gaussian_frechet": "iin_tf.evaluation.frechet",
    "kernel_distance": "iin_tf.evaluation.frechet",
    "correlation_interval": "iin_tf.evaluation.correlation",
    "maximum_likelihood_correlation": "iin_tf.evaluation.correlation",
    "train_judge": "iin_tf.evaluation.judges",
    "judge_metrics": "iin_tf.evaluation.swaps",
    "swap_metrics": "iin_tf.evaluation.swaps",
    "Response": "iin_tf.evaluation.response_result",
    "compare_responses": "iin_tf.evaluation.response_result",
    "responses": "iin_tf.evaluation.response",
    "save_responses": "iin_tf.evaluation.response_figures",
    "indirect_influence": "iin_tf.evaluation.influence",
    "unfairness_of_fixing": "iin_tf.evaluation.fixed_block",
    "novelty_detection": "iin_tf.evaluation.novelty",
    "novelty_scores": "iin_tf.evaluation.novelty",
    "exact_neighbors": "iin_tf.evaluation.retrieval",
    "retrieval_by_block": "iin_tf.evaluation.retrieval",
    "block_index": "iin_tf.evaluation.index_search",
    "index_neighbors": "iin_tf.evaluation.index_search",
    "neighbors_in": "iin_tf.evaluation.index_search",
}

__all__ = list(_PUBLIC)
__getattr__ = attribute_loader(__name__, _PUBLIC)
