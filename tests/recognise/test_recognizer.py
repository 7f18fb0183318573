"""The recogniser as a person uses it, on the 8 x 8 digits of scikit-learn."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from inkmeans import Recognizer
from inkmeans.errors import DataError, InkmeansError, NotNamedError, ParameterError
from inkmeans.progress import Event
from inkmeans.recognise import PRESETS


def matched(labels, clusters):
    """Share of images in the cluster of their digit, matched one to one."""
    counts = np.zeros((10, 10), dtype=int)
    np.add.at(counts, (clusters, labels), 1)
    return counts[linear_sum_assignment(-counts)].sum() / len(labels)


@pytest.fixture(scope="module", params=PRESETS)
def preset(request, digits):
    return Recognizer(10, request.param, random_state=0).fit(digits.images)


@pytest.fixture(scope="module")
def fast(digits):
    return Recognizer(10, "fast", random_state=0).fit(digits.images)


@pytest.fixture
def named(fast, digits):
    yield fast.name_clusters(np.arange(200), digits.labels[:200])
    fast.names_ = [None] * 10
    del fast.classes_


def test_clusters_of_each_preset_are_digits(preset, digits):
    assert preset.labels_.dtype == np.int32
    assert preset.labels_.shape == (1797,)
    assert set(preset.labels_.tolist()) == set(range(10))
    assert matched(digits.labels, preset.labels_) > 0.93
    assert preset.scores_.shape == (1797, 10)


def test_new_images_of_the_same_digit_go_to_its_cluster(preset, digits):
    assigned = preset.assign(digits.images[:500])
    assert assigned.dtype == np.int32
    assert (assigned == preset.labels_[:500]).mean() > 0.97


def test_the_stages_stand_in_the_repr(preset):
    text = repr(preset)
    for stage in preset.stages():
        assert stage in text


def test_the_same_seed_gives_the_same_clusters(fast, digits):
    again = Recognizer(10, "fast", random_state=0).fit(digits.images)
    np.testing.assert_array_equal(again.labels_, fast.labels_)
    np.testing.assert_array_equal(again.scores_, fast.scores_)


def test_the_order_of_images_hardly_matters(fast, digits):
    order = np.random.default_rng(3).permutation(1797)
    other = Recognizer(10, "fast", random_state=0).fit(digits.images[order])
    assert adjusted_rand_score(fast.labels_[order], other.labels_) > 0.9


def test_dark_ink_on_white_gives_the_same_clusters(fast, digits):
    inverted = Recognizer(10, "fast", random_state=0).fit(255 - digits.images)
    np.testing.assert_array_equal(inverted.labels_, fast.labels_)
    np.testing.assert_array_equal(
        inverted.assign(255 - digits.images[:50]), fast.assign(digits.images[:50])
    )


def test_without_names_predict_says_what_to_do(fast, digits):
    with pytest.raises(NotNamedError, match="name_clusters"):
        fast.predict(digits.images[:1])
    assert fast.explain(digits.images[:1])[0].name is None


def test_names_are_given_by_hand(fast, digits):
    try:
        fast.name_clusters({cluster: f"group {cluster}" for cluster in range(10)})
        found = fast.predict(digits.images[:5])
        assert found.tolist() == [f"group {c}" for c in fast.assign(digits.images[:5])]
    finally:
        fast.names_ = [None] * 10
        del fast.classes_


def test_clusters_of_the_same_name_count_together(digits):
    images, labels = digits.images[:500], digits.labels[:500]
    many = Recognizer(40, preset="fast", random_state=0).fit(images)
    many.name_clusters(np.arange(500), labels)
    new = digits.images[500:900]
    scores = many.decision_function(new)
    names = np.array(many.names_)
    sums = np.stack([scores[:, names == name].sum(axis=1) for name in many.classes_], axis=1)
    np.testing.assert_array_equal(many.predict(new), many.classes_[sums.argmax(axis=1)])
    chances = many.predict_proba(new)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    right = many.predict(new) == digits.labels[500:900]
    assert right.mean() > 0.9
    assert abs(chances.max(axis=1).mean() - right.mean()) < 0.1  # as sure as it is right


def test_a_name_more_keeps_the_others(fast):
    try:
        fast.name_clusters({0: "a"}).name_clusters({3: "b"})
        assert fast.names_[0] == "a"
        assert fast.names_[3] == "b"
        assert fast.classes_.tolist() == ["a", "b"]
    finally:
        fast.names_ = [None] * 10
        del fast.classes_


def test_a_few_labels_make_a_recogniser(named, digits):
    assert (named.predict(digits.images[200:]) == digits.labels[200:]).mean() > 0.9


def test_a_cluster_that_is_not_there_gets_no_name(fast):
    with pytest.raises(ParameterError, match="cluster 10"):
        fast.name_clusters({10: "ten"})
    with pytest.raises(ParameterError, match="image 1797"):
        fast.name_clusters([1797], [1])


def test_probabilities_are_of_the_names_and_calibrated(named, digits):
    chances = named.predict_proba(digits.images)
    assert chances.shape == (1797, len(named.classes_))
    assert chances.min() >= 0
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    np.testing.assert_array_equal(
        named.predict(digits.images), named.classes_[chances.argmax(axis=1)]
    )
    right = named.predict(digits.images) == digits.labels
    assert abs(chances.max(axis=1).mean() - right.mean()) < 0.06


def test_explanations_show_images_alike(named, digits):
    images = digits.images[:40]
    explained = named.explain(images, n_nearest=3)
    for place, reason in enumerate(explained):
        assert reason.cluster == named.assign(images[place : place + 1])[0] == reason.clusters[0]
        assert reason.name == named.names_[reason.cluster]
        assert reason.confidence == reason.probabilities[0] == reason.probabilities.max()
        assert (np.diff(reason.similarities) <= 0).all()
        assert len(reason.images) == 3
        if place in named.landmarks_:
            assert reason.images[0] == place
            assert reason.similarities[0] == pytest.approx(1, abs=1e-3)
    with pytest.raises(ParameterError, match="n_nearest"):
        named.explain(images, n_nearest=0)


@pytest.mark.parametrize("n_known", [20, 60, 150])
def test_known_labels_decide(fast, digits, n_known):
    y = np.full(1797, -1)
    known = fast.suggest(n_known)
    y[known] = digits.labels[known]
    taught = Recognizer(10, "fast", random_state=0).fit(digits.images, y)
    names = np.array(taught.names_, dtype=object)[taught.labels_]
    assert (names[known] == digits.labels[known]).mean() > 0.95
    assert (taught.predict(digits.images) == digits.labels).mean() > 0.95


def test_suggested_images_are_different_and_of_all_clusters(fast):
    chosen = fast.suggest(10)
    assert len(set(chosen.tolist())) == 10
    assert len(set(fast.labels_[chosen].tolist())) >= 9
    more = fast.suggest(5, labelled=chosen)
    assert not set(more.tolist()) & set(chosen.tolist())
    with pytest.raises(ParameterError, match="n is 0"):
        fast.suggest(0)


def test_flipped_labels_are_suspected(fast, digits):
    rng = np.random.default_rng(1)
    flipped = rng.choice(1797, 36, replace=False)
    labels = digits.labels.copy()
    labels[flipped] = (labels[flipped] + rng.integers(1, 10, 36)) % 10
    found = fast.suspects(labels, n=50)
    assert np.isin(flipped, found.indices).mean() > 0.8
    assert (np.diff(found.scores) <= 0).all()
    caught = np.isin(found.indices, flipped)
    assert (found.suggestions == digits.labels[found.indices])[caught].mean() > 0.9


def test_suspects_need_a_label_of_each_image(fast):
    with pytest.raises(DataError, match="shape"):
        fast.suspects([1, 2])
    with pytest.raises(DataError, match="the same"):
        fast.suspects(np.zeros(1797, dtype=int))


def test_an_own_clusterer_takes_the_place_of_the_graph(digits):
    own = Recognizer(10, "fast", clusterer=KMeans(10, n_init=1, random_state=0), random_state=0)
    assert own.fit(digits.images[:400]).labels_.shape == (400,)
    assert "KMeans" in repr(own)
    with pytest.raises(ParameterError, match="no graph"):
        own.suggest(3)


@pytest.mark.parametrize("n_found", [1, 8, 12])
def test_an_own_clusterer_of_another_number_of_clusters_is_refused(digits, n_found):
    own = Recognizer(10, "fast", clusterer=KMeans(n_found, n_init=1, random_state=0))
    with pytest.raises(
        ParameterError, match=f"found {n_found} clusters.*give n_clusters={n_found}"
    ):
        own.fit(digits.images[:300])


def test_a_callback_is_told_of_each_stage(digits):
    told = []
    Recognizer(10, "fast", random_state=0).fit(digits.images[:300], callback=told.append)
    assert all(isinstance(event, Event) for event in told)
    stages = list(dict.fromkeys(event.stage for event in told))
    assert [s for s in stages if s in ("standardize", "features", "cluster", "self-training")] == [
        "standardize", "features", "cluster", "self-training",
    ]  # fmt: skip


NOT_IMAGES = {
    "colour": np.zeros((9, 8, 8, 3), dtype=np.uint8),
    "float": np.zeros((9, 8, 8)),
    "nan": np.full((9, 8, 8), np.nan),
    "rows": np.zeros((9, 64), dtype=np.uint8),
    "none": np.zeros((0, 8, 8), dtype=np.uint8),
    "oversized": np.zeros((1, 600, 600), dtype=np.uint8),
    "tiny": np.zeros((9, 2, 2), dtype=np.uint8),
}


@pytest.mark.parametrize("images", NOT_IMAGES.values(), ids=NOT_IMAGES)
def test_what_are_no_images_is_refused(fast, images):
    with pytest.raises(InkmeansError):
        Recognizer(1).fit(images)
    if len(images):
        with pytest.raises(DataError):
            fast.assign(images)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("kind", ["blank", "equal", "one"])
def test_images_that_do_not_differ_are_one_cluster_or_refused(digits, preset, kind):
    images = {
        "blank": np.zeros((40, 8, 8), dtype=np.uint8),
        "equal": np.repeat(digits.images[:1], 40, axis=0),
        "one": digits.images[:1],
    }[kind]
    with pytest.raises(ParameterError, match="only 1 of"):
        Recognizer(10, preset).fit(images)
    single = Recognizer(1, preset, random_state=0).fit(images)
    assert single.labels_.tolist() == [0] * len(images)
    assert single.assign(images).tolist() == [0] * len(images)


@st.composite
def odd_images(draw):
    """A few images of any size: some blank, some equal, of few grey levels or of any."""
    shape = draw(st.tuples(st.integers(1, 9), st.integers(3, 9), st.integers(4, 9)))
    levels = draw(st.sampled_from([2, 256]))
    images = np.random.default_rng(draw(st.integers(0, 999))).integers(0, levels, shape)
    images = (images * (255 // (levels - 1))).astype(np.uint8)
    images[draw(st.lists(st.integers(0, shape[0] - 1), max_size=3))] = 0
    return np.repeat(images, draw(st.sampled_from([1, 1, 4])), axis=0)


@pytest.mark.parametrize("preset", PRESETS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(images=odd_images(), n_clusters=st.integers(1, 4), data=st.data())
def test_odd_images_are_clustered_and_recognised_or_refused(preset, images, n_clusters, data):
    n = len(images)
    y = None
    if data.draw(st.booleans()):
        y = np.array(data.draw(st.lists(st.integers(-1, 3), min_size=n, max_size=n)))
    try:
        found = Recognizer(n_clusters, preset, random_state=0).fit(images, y)
    except InkmeansError as error:
        assert error.hint  # noqa: PT017 - either is right
        return
    for labels in (found.labels_, found.assign(images)):
        assert labels.shape == (n,)
        assert 0 <= labels.min() <= labels.max() < n_clusters
    assert found.decision_function(images).shape == (n, n_clusters)
    if y is None or (y < 0).all():
        found.name_clusters([0], [7])
    else:
        known = y >= 0
        names = np.array(found.names_, dtype=object)[found.labels_]
        np.testing.assert_array_equal(names[known], y[known])
    chances = found.predict_proba(images)
    assert np.isfinite(chances).all()
    assert found.predict(images).shape == (n,)
    assert len(found.explain(images[:1])) == 1


def test_blank_images_share_no_cluster_with_digits(digits):
    images = digits.images[:200].copy()
    blank = np.arange(200) % 10 == 0
    images[blank] = 0
    found = Recognizer(10, "fast", random_state=0).fit(images)
    assert not set(found.labels_[blank].tolist()) & set(found.labels_[~blank].tolist())
    assert np.isfinite(found.scores_).all()


@pytest.mark.parametrize("n", [10, 12, 29, 60])
def test_few_images_are_clustered_too(digits, n):
    found = Recognizer(10, "balanced", random_state=0).fit(digits.images[:n])
    assert found.labels_.shape == (n,)
    assert 0 <= found.labels_.min() <= found.labels_.max() < 10
    assert np.isfinite(found.decision_function(digits.images[:20])).all()


def test_images_that_are_not_square_are_taken(digits):
    wide = np.pad(digits.images[:200], ((0, 0), (0, 0), (0, 5)))
    for preset in PRESETS:
        found = Recognizer(10, preset, random_state=0).fit(wide)
        assert found.assign(wide[:7]).shape == (7,)


@pytest.mark.parametrize("y", [[1], np.full(60, -2), np.full(60, 0.5), np.full(60, "7")], ids=str)
def test_labels_that_make_no_sense_are_refused(digits, y):
    with pytest.raises(DataError):
        Recognizer(10, "fast").fit(digits.images[:60], y)


@pytest.mark.parametrize("n_clusters", [0, -1, 1.5, "ten", None])
def test_numbers_of_clusters_that_make_no_sense_are_refused(digits, n_clusters):
    with pytest.raises(ParameterError, match="n_clusters"):
        Recognizer(n_clusters).fit(digits.images[:60])


def test_a_preset_that_is_not_there_is_refused_with_the_nearest(digits):
    with pytest.raises(ParameterError, match="did you mean 'fast'"):
        Recognizer(10, "fats").fit(digits.images[:60])


def test_images_of_another_size_are_refused(fast, digits):
    with pytest.raises(DataError, match="fitted on were 8 x 8"):
        fast.assign(np.zeros((1, 9, 8), dtype=np.uint8))


@pytest.mark.parametrize("n", [10, 60])
def test_suggested_labels_name_every_cluster(fast, digits, n):
    chosen = fast.suggest(n)
    y = np.full(1797, -1)
    y[chosen] = digits.labels[chosen]
    taught = Recognizer(10, "fast", random_state=0).fit(digits.images, y)
    assert set(taught.names_) == set(range(10))
