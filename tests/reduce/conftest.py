import numpy as np
import pytest

from inkmeans import load

N_FEATURES = 196


@pytest.fixture(scope="session")
def rows():
    """Return 1,500 images of MNIST, every second pixel of each second row, as uint8 rows."""
    return np.ascontiguousarray(load("mnist").images[:1500, ::2, ::2].reshape(1500, N_FEATURES))
