"""Resampling, intervals and permutation nulls, once for all measures and audits."""
