"""The fixtures that scikit-learn's own tests ask for."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    """Small data gain nothing from threads, and tests that run side by side lose much."""
    with threadpool_limits(1):
        yield


@pytest.fixture
def global_random_seed():
    return 42


@pytest.fixture(params=[np.float32, np.float64], ids=["float32", "float64"])
def global_dtype(request):
    return request.param
