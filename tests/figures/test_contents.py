"""That each display shows the right numbers, on real digits and at the edges."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from sklearn.cluster import KMeans

from inkmeans.errors import DataError
from inkmeans.evaluate import Scores, characterize
from inkmeans.figures import (
    CentroidsDisplay,
    CharacteristicsDisplay,
    ClusterPageDisplay,
    ConfusedPairsDisplay,
    ConfusionMatrixDisplay,
    DendrogramDisplay,
    MapDisplay,
    MistakesDisplay,
    ReductionDisplay,
    ReductionRun,
    SampleDigitsDisplay,
    ScoresByClustersDisplay,
    ScoreSeries,
)

FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker",
           "Bag", "Ankle boot")  # fmt: skip


def texts(display):
    FigureCanvasAgg(display.figure_).draw()
    return [text.get_text() for text in display.texts_]


@pytest.fixture(scope="module")
def ten(clusterings):
    return clusterings[10]


@pytest.fixture(scope="module")
def fitted(ten):
    return KMeans(10, n_init=1, max_iter=5, random_state=0).fit(ten.rows.astype(np.float32))


def test_sample_rows_hold_images_of_their_class(ten):
    display = SampleDigitsDisplay.from_images(ten.images, ten.labels, ten.names, n_columns=4)
    for digit, row in enumerate(display.rows):
        for image in row:
            same = (ten.images == image).all(axis=(1, 2))
            assert ten.labels[same].tolist() == [digit]
    assert display.counts == tuple(np.bincount(ten.labels))


@pytest.mark.parametrize("side", [5, 8, 28, 64])
def test_sample_rows_end_before_the_counts_whatever_the_size_of_an_image(side):
    images = np.random.default_rng(0).integers(0, 256, (60, side, side), dtype=np.uint8)
    display = SampleDigitsDisplay.from_images(images, np.repeat([0, 1], 30)).plot()
    renderer = FigureCanvasAgg(display.figure_).get_renderer()
    counts = display.texts_[1].get_window_extent(renderer)
    assert display.images_[0].get_window_extent(renderer).x1 < counts.x0


def test_sample_seed_decides_what_is_drawn(ten):
    one, again, other = (
        SampleDigitsDisplay.from_images(ten.images, random_state=seed).rows[0] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_centroid_captions_are_each_clusters_main_digit_and_share(ten):
    display = CentroidsDisplay(ten.centroids, ten.counts, ten.names).plot()
    for cluster, text in zip(display.order_, texts(display), strict=True):
        counts = ten.counts[cluster]
        assert text == f"{counts.argmax()} · {100 * counts.max() / counts.sum():.0f} %"
    digits = ten.counts[display.order_].argmax(axis=1)
    assert (np.diff(digits) >= 0).all()


def test_centroids_from_an_estimator_are_its_own(fitted, ten):
    display = CentroidsDisplay.from_estimator(fitted, (28, 28), ten.labels, ten.names)
    expected = fitted.cluster_centers_ * (255 / fitted.cluster_centers_.max())
    assert np.abs(display.centroids.reshape(10, -1) - expected).max() <= 0.5 + 1e-3
    assert display.counts.sum() == len(ten.labels)


def test_pages_show_every_cluster_once(ten):
    pages = ClusterPageDisplay.pages(
        ten.described, ten.images, ten.centroids, labels=ten.labels, per_page=4
    )
    assert [len(page.clusters) for page in pages] == [4, 4, 2]
    assert sorted(c.cluster for page in pages for c in page.clusters) == list(range(10))
    assert pages[0].subtitle == "page 1 of 3"
    page = pages[0].plot()
    assert len(page.images_) == 4 * 4
    first = page.clusters[0]
    assert texts(page)[0] == (
        f"Cluster {first.cluster}: {100 * first.main_share:.0f} % are {first.main_class}"
    )
    shares = [bar.get_width() for bar in page.bars_[0]]
    assert np.array(shares) / max(shares) == pytest.approx(first.shares / first.main_share)


def test_table_and_chart_show_the_sizes_of_the_clusters(clusterings):
    for clustered in clusterings.values():
        display = CharacteristicsDisplay(clustered.described, clustered.centroids).plot()
        sizes = np.bincount(clustered.assignments, minlength=clustered.n_clusters)
        bars = display.bars_[0]
        if clustered.n_clusters <= 40:
            shown = np.array([bar.get_width() for bar in bars])
            assert f"{sizes[display.order_[0]]:,}" in texts(display)
        else:
            shown = np.array([segment[1, 1] for segment in bars.get_segments()])
        assert shown / shown.max() == pytest.approx(sizes[display.order_] / sizes.max())


def test_dendrogram_has_a_leaf_for_each_cluster_and_cuts_when_they_are_many(clusterings):
    ten, fifty = (DendrogramDisplay.from_centroids(c.centroids) for c in clusterings.values())
    assert sorted(ten.plot().leaves_) == [[c] for c in range(10)]
    leaves = fifty.plot().leaves_
    assert len(leaves) == 36
    assert sorted(cluster for leaf in leaves for cluster in leaf) == list(range(50))
    assert len(ten.lines_.get_segments()) == 9
    assert ten.lines_.get_segments()[-1][:, 1].max() == pytest.approx(ten.linkage[-1, 2])


def test_pairs_show_the_sentences_and_the_images_in_question(ten):
    display = ConfusedPairsDisplay.from_predictions(ten.images, ten.labels, ten.predicted).plot()
    shown = [text.replace("\n", " ").replace("\N{NO-BREAK SPACE}", " ") for text in texts(display)]
    for pair in display.pairs:
        assert pair.more.sentence in shown
    nothing = ConfusedPairsDisplay.from_predictions(ten.images, ten.labels, ten.labels).plot()
    assert texts(nothing) == ["No image lies in a cluster of another name."]


def test_confusion_cells_are_counts_and_row_percentages(ten):
    display = ConfusionMatrixDisplay.from_predictions(ten.labels, ten.predicted).plot()
    np.testing.assert_array_equal(display.confusion, ten.scores.confusion)
    mistakes = display.confusion - np.diag(display.confusion.diagonal())
    row, column = np.unravel_index(mistakes.argmax(), mistakes.shape)
    count = ((ten.labels == row) & (ten.predicted == column)).sum()
    share = count / (ten.labels == row).sum()
    assert display.text_[row, column].get_text() == f"{count}\n{100 * share:.0f} %"
    with pytest.raises(DataError, match="no confusion matrix"):
        ConfusionMatrixDisplay.from_scores(Scores(3, 2))


def test_curves_are_the_scores(ten):
    series = ScoreSeries("pixels", "train", (replace(ten.scores, n_clusters=64), ten.scores))
    display = ScoresByClustersDisplay([series]).plot()
    inertia, homogeneity, accuracy = (lines[0].get_xydata().tolist() for lines in display.lines_)
    assert inertia == [[k, ten.scores.inertia / 1200] for k in (10, 64)]
    assert homogeneity[0] == [10, ten.scores.homogeneity]
    assert accuracy[0] == [10, ten.scores.majority_accuracy]


def test_reduction_panels_are_seconds_homogeneity_and_accuracy(ten):
    runs = [ReductionRun("784 pixels", 2.5, ten.scores), ReductionRun("PCA, 64", 1.0, ten.scores)]
    display = ReductionDisplay(runs).plot()
    first = [[float(line.get_xdata()[0]) for line in panel] for panel in display.points_]
    homogeneity, accuracy = ten.scores.homogeneity, ten.scores.majority_accuracy
    assert first == [[2.5, 1.0], [100 * homogeneity] * 2, [100 * accuracy] * 2]


def test_map_is_the_principal_plane_and_its_pictures_stay_clear(clusterings):
    clustered = clusterings[50]
    flat = clustered.centroids.reshape(50, -1)
    display = MapDisplay.from_rows(clustered.rows, flat, clustered.centroids).plot()
    rows = clustered.rows - clustered.rows.mean(axis=0)
    variance = np.linalg.svd(rows, compute_uv=False)[:2] ** 2 / (rows**2).sum()
    assert display.explained == pytest.approx(variance, rel=1e-3)
    spread = display.points.var(axis=0) / (rows**2).sum(axis=1).mean()
    assert spread == pytest.approx(variance, rel=1e-2)
    assert len(display.images_) + len(display.dots_.get_offsets()) == 50
    boxes = [image.get_extent() for image in display.images_]
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            apart = a[1] <= b[0] or b[1] <= a[0] or a[3] <= b[2] or b[3] <= a[2]
            assert apart


def test_small_images_long_names_and_an_empty_cluster_are_drawn():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (30, 8, 8), np.uint8)
    labels, assignments = np.arange(30) % 10, np.arange(30) % 3
    rows, centroids = images.reshape(30, -1), rng.random((4, 8, 8))
    described = characterize(
        rows, centroids.reshape(4, -1), assignments, labels=labels, n_classes=10
    )
    counts = [c.counts for c in described]
    for display in (
        SampleDigitsDisplay.from_images(images, labels, FASHION),
        CentroidsDisplay(centroids, counts, FASHION),
        CharacteristicsDisplay(described, centroids, FASHION),
        ClusterPageDisplay(described, images, centroids, labels, FASHION),
        ConfusionMatrixDisplay.from_predictions(labels, assignments, FASHION),
        DendrogramDisplay.from_centroids(centroids, counts, FASHION),
        MapDisplay.from_rows(rows, centroids.reshape(4, -1), centroids, labels, FASHION),
    ):
        FigureCanvasAgg(display.plot().figure_).draw()
    assert "class" in CentroidsDisplay(centroids, counts, FASHION).label_use


def test_a_single_cluster_of_blank_images_is_drawn():
    blank = np.zeros((5, 8, 8), np.uint8)
    one = np.zeros(5, np.int64)
    for display in (
        SampleDigitsDisplay.from_images(blank),
        CentroidsDisplay.from_predictions(blank[:1], one),
        ClusterPageDisplay.from_predictions(blank, one),
        CharacteristicsDisplay.from_predictions(blank.reshape(5, -1), np.zeros((1, 64)), one),
        DendrogramDisplay.from_centroids(blank[:2]),
    ):
        FigureCanvasAgg(display.plot().figure_).draw()


def test_runs_without_any_score_are_drawn_or_refused():
    bare = Scores(10, 4)
    FigureCanvasAgg(
        ScoresByClustersDisplay([ScoreSeries("pixels", "test", (bare,))]).plot().figure_
    ).draw()
    with pytest.raises(DataError, match="no score"):
        ScoresByClustersDisplay([])
    with pytest.raises(DataError, match="no run"):
        ReductionDisplay([])


def test_arrays_that_do_not_belong_together_are_refused(ten):
    with pytest.raises(DataError, match="counts of the shape"):
        CentroidsDisplay(ten.centroids, ten.counts[:3])
    with pytest.raises(DataError, match="a linkage of the shape"):
        DendrogramDisplay(np.zeros((3, 4)), ten.centroids)
    with pytest.raises(DataError, match="places for 10 centroids"):
        MapDisplay(np.zeros((5, 2)), np.zeros((3, 2)), ten.centroids)
    with pytest.raises(DataError, match="confusion matrix of the shape"):
        ConfusionMatrixDisplay([[1, 2]])
    with pytest.raises(DataError, match="centroids"):
        ClusterPageDisplay([], ten.images, ten.centroids)
    with pytest.raises(DataError, match="no cluster"):
        CharacteristicsDisplay([])


def test_mistakes_are_sorted_and_counted():
    images = np.arange(6, dtype=np.uint8)[:, None, None] * np.ones((1, 4, 4), np.uint8)
    display = MistakesDisplay.from_predictions(
        images, [0, 1, 1, 1, 0, 1], [0, 0, 0, 1, 1, -1], ("a", "b")
    )
    assert display.captions == ("b → a", "a → b", "b → –")
    assert display.counts == (2, 1, 1)
    assert display.rows[0][:, 0, 0].tolist() == [1, 2]


def test_no_mistakes_no_picture():
    with pytest.raises(DataError, match="no image is read wrongly"):
        MistakesDisplay.from_predictions(np.zeros((1, 4, 4), np.uint8), [1], [1])
