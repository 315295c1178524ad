"""The verdict of a finished run, checked by readers that the package has no part in.

Command:  python examples/check_verdict.py runs/speech
Prints:   for each factor, what the strongest of three scikit-learn models (logistic regression, a
          support vector machine, nearest neighbours; of floats: ridge, kernel ridge, nearest
          neighbours) tells of it on test rows: from the raw representation, from its own block,
          from every other block; what the models of raw rows read after an exchange of its block,
          the least and the most of them; and, beside these, the run's verdict.  Accuracy, of
          floats R^2
"""

import argparse
from pathlib import Path

import numpy as np
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import accuracy_score, r2_score
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

import iin_tf
from iin_tf.data import LatentStore
from iin_tf.reporting.verdict import verdicts
from iin_tf.results import Results

MOST = 2000  # training rows, and test rows, for the sake of time


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workdir", type=Path)
    workdir = parser.parse_args().workdir
    random = np.random.default_rng(1)
    network = iin_tf.load(workdir / "iin.keras")
    train, test = (LatentStore(workdir / "latents" / split) for split in ("train", "test"))
    rows = random.permutation(len(train.mean))[:MOST]
    seen, unseen = train.mean[rows], np.array(test.mean[:MOST])
    parts = network.factors(unseen)
    donor = random.permutation(len(unseen))
    results = Results.read(workdir / "evaluation" / "metrics.json")
    said = {one.factor: one.found for one in verdicts(results, network.layout.names[1:])}
    for factor in network.layout.names[1:]:
        y, truth = train.labels[factor][rows], test.labels[factor][:MOST]
        told = {
            block: max(score for score, _ in readers(codes, y, parts[block], truth))
            for block, codes in network.factors(seen).items()
        }
        raw = readers(seen, y, unseen, truth)
        edited = network.swap(unseen, unseen[donor], factors=[factor]).numpy()
        differ = np.any(np.atleast_2d((truth != truth[donor]).T), axis=0)
        read = [model.predict(edited)[differ] for _, model in raw]
        others = {block: score for block, score in told.items() if block != factor}
        print(
            f"{factor}: raw {max(score for score, _ in raw):.3f}, own block {told[factor]:.3f}, "
            + ", ".join(f"{block} {score:.3f}" for block, score in others.items())
            + f", a guess {guess(y, truth):.3f}; exchanged: the donor's "
            + span(scorer(truth)(truth[donor][differ], values) for values in read)
            + ", the recipient's "
            + span(scorer(truth)(truth[differ], values) for values in read)
            + f"; the run says {said.get(factor)!r}",
            flush=True,
        )


def readers(x, y, x_test, truth):
    """(score on test rows, model) of every model."""
    floats = np.issubdtype(truth.dtype, np.floating)
    # Linear models see standardised columns; to a distance, dimensions of no size would then count
    # as much as the others.
    models = (
        (
            scaled(RidgeCV(np.logspace(-3, 4, 8))),
            scaled(KernelRidge(0.1, kernel="rbf")),
            KNeighborsRegressor(10),
        )
        if floats
        else (scaled(LogisticRegression(max_iter=300)), SVC(C=10), KNeighborsClassifier(10))
    )
    fitted = [model.fit(x, y) for model in models]
    return [(scorer(truth)(truth, model.predict(x_test)), model) for model in fitted]


def scaled(model):
    return make_pipeline(StandardScaler(), model)


def span(scores):
    scores = sorted(scores)
    return f"{scores[0]:.3f} to {scores[-1]:.3f}"


def scorer(truth):
    """Accuracy of classes, R^2 of floats."""
    return r2_score if np.issubdtype(truth.dtype, np.floating) else accuracy_score


def guess(y, truth):
    """What the most frequent class, or the mean, scores."""
    if np.issubdtype(truth.dtype, np.floating):
        return 0.0
    values, counts = np.unique(y, return_counts=True)
    return np.mean(truth == values[np.argmax(counts)])


if __name__ == "__main__":
    # Small problems: more threads only wait for each other.
    with threadpool_limits(limits=1):
        main()
