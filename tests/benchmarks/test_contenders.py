"""Every contender is the flow that it claims to be."""

import numpy as np
import pytest

PACKAGES = {"torch": "torch", "FrEIA": "FrEIA", "normflows": "normflows", "zuko": "zuko"}


@pytest.mark.parametrize("name", PACKAGES)
def test_peer_inverts_and_has_the_weights(name):
    pytest.importorskip("torch")
    pytest.importorskip(PACKAGES[name])
    import contenders
    import floors
    import measures

    size = contenders.Size(latents=8, blocks=2, hidden=64, depth=2)
    contender = contenders.make(name, size)
    contender.build()
    contender.compile()
    contender.train(measures.random_batch(size, 16), 2)
    z = measures.random_rows(size, 16)
    # float32 through 4 couplings.
    np.testing.assert_allclose(contender.invert(contender.transform(z)), z, atol=1e-4)
    weights = sum(p.numel() for p in contender.module.parameters() if p.ndim == 2)
    # normflows' masked couplings are wider at both ends; zuko's width is rounded.
    assert weights == pytest.approx(floors.product_weights(size), rel=0.15)


def test_plain_torch_is_this_package_on_the_same_weights():
    torch = pytest.importorskip("torch")
    import contenders
    import measures

    size = contenders.Size(latents=8, blocks=2, hidden=16, depth=2)
    ours, peer = contenders.make("iin_tf", size), contenders.make("torch", size)
    ours.build()
    peer.build()
    flow = ours.network.flow
    for index, step in enumerate(peer.module):
        block, kind = divmod(index, 4)
        if kind == 0:
            step.started.fill_(True)
        elif kind == 3:
            step.order = torch.from_numpy(flow.mixings.permutation.numpy()[block]).long()
        else:
            for which, network in enumerate((step.scale, step.shift)):
                for layer, kernel, bias in zip(
                    network[::2], flow.couplings.kernels, flow.couplings.biases, strict=True
                ):
                    place = (2 * block + kind - 1, which)
                    layer.weight.data = torch.from_numpy(kernel.numpy()[place].T.copy())
                    layer.bias.data = torch.from_numpy(bias.numpy()[place].copy())
    z = measures.random_rows(size, 16)
    # Two float32 implementations of the same products.
    np.testing.assert_allclose(ours.transform(z), peer.transform(z), atol=1e-5)
