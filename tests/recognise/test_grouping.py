import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mutual_info_score, normalized_mutual_info_score

from inkmeans.recognise.grouping import group_images, pair_information


@pytest.fixture(scope="module")
def some(digits):
    images = digits.images[:250]
    return images, images.reshape(250, -1).astype(np.float32), digits.labels[:250]


@pytest.mark.parametrize("shortlist", [0, 25])
def test_groups_are_mostly_of_one_digit(some, shortlist):
    images, rows, labels = some
    found = group_images(images, rows, 10, shortlist=shortlist, random_state=0)
    assert normalized_mutual_info_score(labels, found.labels) > 0.7
    assert found.graph.shape == (250, 250)
    assert abs(found.graph - found.graph.T).max() < 1e-9
    assert found.neighbors.shape == (250, 15)
    assert not (found.neighbors == np.arange(250)[:, None]).any()
    assert (np.diff(found.eigenvalues) >= 0).all()


def test_the_same_seed_gives_the_same_groups(some):
    images, rows, _ = some
    one, same = (group_images(images, rows, 10, random_state=3).labels for _ in range(2))
    np.testing.assert_array_equal(one, same)


@pytest.mark.parametrize("n", [4, 12])
def test_few_images_are_grouped_too(some, n):
    images, rows, _ = some
    found = group_images(images[:n], rows[:n], 3, shortlist=n - 1, random_state=0)
    assert set(found.labels.tolist()) == {0, 1, 2}


@given(st.data())
def test_pair_information_is_the_mutual_information_of_both_ends(data):
    n = data.draw(st.integers(2, 12))
    labels = np.array(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)))
    m = data.draw(st.integers(1, 4))
    draw = st.lists(st.integers(0, n - 1), min_size=n * m, max_size=n * m)
    neighbors = np.array(data.draw(draw)).reshape(n, m)
    own, other = np.repeat(labels, m), labels[neighbors].ravel()
    expected = mutual_info_score(np.r_[own, other], np.r_[other, own])
    assert pair_information(labels, neighbors) == pytest.approx(expected, abs=1e-9)
