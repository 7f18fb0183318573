import pytest

from inkmeans import load


@pytest.fixture(scope="session")
def mnist():
    """Return the 10,000 test images of MNIST and their labels."""
    test = load("mnist").split()[1]
    return test.images, test.labels
