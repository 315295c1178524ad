"""Where a donor's class is lost on its way through an exchanged block."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from iin_tf.results.markdown import markdown

HEADS = ["what the recipient gets", "read as the donor's class", "where the block tells it"]


def lost_classes(network, decode, judge, train, z, classes, block):
    """A Markdown table: how often the donor's class is read, from several edits of one block.

    Args:
      network: InterpretationNetwork.
      decode: function, representations [B, N] -> pictures.
      judge: has `read(pictures)`, classes [B].
      train: (rows [n, N], classes [n]) of the training, from which class means of the block come.
      z: held-out rows [m, N], recipients and donors.
      classes: [m], theirs.
      block: name of the block that is to hold the class.
    """
    random = np.random.default_rng(0)
    part = network.layout.slices[block]
    z_tilde = network.transform(z).numpy()
    learned = network.transform(train[0]).numpy()[:, part]
    means = class_means(learned, train[1])
    told = nearest(z_tilde[:, part], means)
    residual = network.layout.slices["residual"]
    drawn = z_tilde.copy()
    drawn[:, residual] = random.normal(size=drawn[:, residual].shape)
    other, same = (partners(classes, equal, random) for equal in (False, True))
    typical = z_tilde[other].copy()
    typical[:, part] = [means[one] for one in classes]
    edits = {
        "nothing: the donor's reconstruction": z,
        "the donor's block, other class": network.swap(z[other], z, [block]).numpy(),
        "the donor's block, same class": network.swap(z[same], z, [block]).numpy(),
        "the donor's block, a residual drawn at random": network.invert(drawn).numpy(),
        "the mean block of the donor's class, other class": network.invert(typical).numpy(),
    }
    right, found = told == classes, []
    for name, edited in edits.items():
        read = judge.read(decode(edited)) == classes
        found.append([name, f"{read.mean():.3f}", f"{read[right].mean():.3f}"])
    by_class = ", ".join(f"{one} {right[classes == one].mean():.2f}" for one in means)
    fitted = (nearest(learned, means) == train[1]).mean()
    return (
        f"{len(z)} donors; the nearest class mean of their block tells the class of "
        f"{right.mean():.3f} of them ({by_class}), and of {fitted:.3f} of {len(learned)} training "
        f"rows; a perceptron of the representation, which learned from these, tells that of "
        f"{perceptron(train).score(z, classes):.3f}\n\n" + markdown(HEADS, found)
    )


def perceptron(train):
    """A reader of raw rows that learned from (rows [n, N], classes [n])."""
    model = MLPClassifier(
        (256, 128),
        batch_size=min(256, len(train[0])),
        learning_rate_init=2e-3,
        max_iter=8,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(*train)


def class_means(blocks, classes):
    """Class -> the mean of its rows of `blocks`."""
    return {one: blocks[classes == one].mean(axis=0) for one in np.unique(classes)}


def nearest(blocks, means):
    """The class whose mean is nearest to each of `blocks` [m, d]: [m]."""
    distance = [np.square(blocks - mean).sum(axis=1) for mean in means.values()]
    return np.array([*means])[np.argmin(distance, axis=0)]


def partners(classes, equal, random):
    """For each row another of the same class, or one of another class: int [m]."""
    found = []
    for row, one in enumerate(classes):
        fits = np.flatnonzero((classes == one) == equal)
        found.append(random.choice(fits[fits != row]))
    return np.array(found)
