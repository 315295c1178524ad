"""Who takes part.  All contenders have one protocol, on NumPy arrays:

contender = Contender(size, **options)
contender.build()               # the model
contender.compile()             # what it needs to train
contender.train(batch, steps)   # seconds of each step; batch = (z_a, z_b, shared)
contender.transform(z)          # z -> z_tilde, [B, N]
contender.invert(z_tilde)       # its inverse
"""

import importlib
import importlib.util
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Size:
    """The architecture: N latents, flow blocks, width, and hidden layers beyond the first.

    `block_sizes` are those of the residual and the factors; two factors of a quarter each
    unless others are given.
    """

    latents: int = 64
    blocks: int = 12
    hidden: int = 512
    depth: int = 2
    block_sizes: tuple = ()

    def __post_init__(self):
        if not self.block_sizes:
            factor = self.latents // 4
            sizes = (self.latents - 2 * factor, factor, factor)
            object.__setattr__(self, "block_sizes", sizes)

    @property
    def widths(self):
        """Widths of one conditioner's layers, from its input to its output."""
        return [self.latents // 2, *[self.hidden] * (self.depth + 1), self.latents // 2]


@dataclass(frozen=True)
class Entry:
    """Where a contender's class is, and the packages from PyPI that it needs."""

    module: str
    packages: tuple = ()
    options: dict = field(default_factory=dict)

    @property
    def ours(self):
        """Whether it is this package."""
        return self.module == "iin_tf_network"

    @property
    def products(self):
        """The dtype of its products in training."""
        return self.options.get("dtype", "float32").removeprefix("mixed_")


_ONE_THREAD, _BFLOAT16 = {"intra_op_threads": 1}, {"dtype": "mixed_bfloat16"}
CONTENDERS = {
    "iin_tf": Entry("iin_tf_network"),
    "iin_tf_1_thread": Entry("iin_tf_network", options=_ONE_THREAD),
    "iin_tf_bfloat16": Entry("iin_tf_network", options=_BFLOAT16),
    "iin_tf_bfloat16_1_thread": Entry("iin_tf_network", options=_BFLOAT16 | _ONE_THREAD),
    "torch": Entry("plain_torch", ("torch",)),
    "torch_published": Entry("plain_torch", ("torch",), {"members_together": False}),
    "torch_fused": Entry("plain_torch", ("torch",), {"fused": True}),
    "FrEIA": Entry("freia_flow", ("torch", "FrEIA")),
    "normflows": Entry("normflows_flow", ("torch", "normflows")),
    "zuko": Entry("zuko_flow", ("torch", "zuko")),
}


def make(name, size):
    """The contender of that name, not yet built."""
    entry = CONTENDERS[name]
    module = importlib.import_module(f"contenders.{entry.module}")
    return module.Contender(size, **entry.options)


def missing_packages(names):
    """The packages that these contenders need and that are not installed."""
    needed = {package: None for name in names for package in CONTENDERS[name].packages}
    return [package for package in needed if importlib.util.find_spec(package) is None]
