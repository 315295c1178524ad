"""What a step asks of the machine, against the counts written out by hand."""


def test_published_size():
    import floors
    from contenders import Size

    # 12 blocks x 2 couplings x 2 networks of 32-512-512-512-32.
    weights = 48 * (32 * 512 + 2 * 512 * 512 + 512 * 32)
    assert floors.product_weights(Size()) == weights
    # Forward 2, backward 4 operations a weight and row; 256 pairs are 512 rows: 82 GFLOP.
    assert floors.flops_per_step(Size(), 256) == 6 * weights * 512
    assert floors.bytes_per_step(Size()) == 40 * weights


def test_floor_is_the_larger_demand():
    import floors
    from contenders import Size

    size = Size()
    memory = floors.bytes_per_step(size) / 1e9
    products = floors.flops_per_step(size, 256) / 1e9
    assert floors.step_floor(size, 256, rate=1e30, bandwidth=1e9) == memory
    assert floors.step_floor(size, 256, rate=1e9, bandwidth=1e30) == products
