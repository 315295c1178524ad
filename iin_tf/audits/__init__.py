"""What a network tells of the model whose representation it translates."""

from iin_tf.lazy import attribute_loader

_PUBLIC = {
    "Probe": "iin_tf.audits.probes",
    "Response": "iin_tf.audits.response_result",
    "block_index": "iin_tf.audits.index_search",
    "block_measures": "iin_tf.audits.labelled_blocks",
    "calibrated_same": "iin_tf.audits.calibration",
    "compare_responses": "iin_tf.audits.response_result",
    "correlation_interval": "iin_tf.audits.correlation",
    "estimate_length_scale": "iin_tf.audits.length_scale",
    "exact_neighbors": "iin_tf.audits.retrieval",
    "index_neighbors": "iin_tf.audits.index_search",
    "indirect_influence": "iin_tf.audits.influence",
    "judge_metrics": "iin_tf.audits.judging",
    "maximum_likelihood_correlation": "iin_tf.audits.correlation",
    "neighbors_in": "iin_tf.audits.index_search",
    "novelty_detection": "iin_tf.audits.novelty",
    "novelty_scores": "iin_tf.audits.novelty",
    "probe_metrics": "iin_tf.audits.probes",
    "responses": "iin_tf.audits.response",
    "retrieval_by_block": "iin_tf.audits.retrieval",
    "strongest_readers": "iin_tf.audits.strongest",
    "swap_metrics": "iin_tf.audits.interchange",
    "train_probes": "iin_tf.audits.probes",
    "unfairness_of_fixing": "iin_tf.audits.fixed_block",
    "verification_errors": "iin_tf.audits.verification",
}

__all__ = list(_PUBLIC)
__getattr__ = attribute_loader(__name__, _PUBLIC)
