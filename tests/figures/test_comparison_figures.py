"""That the figures of comparisons and suggestions show the right numbers."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from inkmeans.errors import DataError
from inkmeans.evaluate import Criterion, TimedScore, spread, suggest_from
from inkmeans.figures import ContingencyDisplay, ScoreAgainstTimeDisplay, SuggestKDisplay


def point(seconds, score, k=10, algorithm="kmeans", space="pixels"):
    return TimedScore(algorithm, space, k, spread([seconds]), spread(score))


def test_points_are_mean_seconds_and_scores_with_their_intervals():
    scores = [0.5, 0.52, 0.57]
    display = ScoreAgainstTimeDisplay([point(2.0, scores)]).plot()
    (container,) = display.points_
    assert container.lines[0].get_xydata().tolist() == [[2.0, pytest.approx(np.mean(scores))]]
    (bar,) = container.lines[2][0].get_segments()
    expected = spread(scores)
    assert bar[:, 1] == pytest.approx([expected.low, expected.high])


def test_the_front_joins_those_that_none_beats_in_both():
    points = [point(1, [0.5]), point(2, [0.4]), point(3, [0.7]), point(4, [0.7]), point(5, [0.9])]
    front = ScoreAgainstTimeDisplay(points).plot().front_.get_xydata()
    assert front.tolist() == [[1, 0.5], [3, 0.7], [5, 0.9]]


def test_numbers_of_clusters_are_written_where_there_are_several():
    assert not ScoreAgainstTimeDisplay([point(1, [0.5]), point(2, [0.6])]).plot().texts_
    several = ScoreAgainstTimeDisplay([point(1, [0.5]), point(2, [0.6], k=64)]).plot()
    assert [text.get_text() for text in several.texts_] == ["10", "64"]


def test_a_hundred_points_are_drawn():
    rng = np.random.default_rng(0)
    points = [
        point(s, [x], k, f"a{k % 13}", f"s{k % 9}")
        for k, (s, x) in enumerate(rng.random((100, 2)) + 0.01, start=2)
    ]
    display = ScoreAgainstTimeDisplay(points).plot()
    FigureCanvasAgg(display.figure_).draw()
    assert len(display.points_) == 100


def test_points_without_score_are_left_out_and_none_at_all_are_refused():
    display = ScoreAgainstTimeDisplay([point(1, [None]), point(2, [0.5])]).plot()
    assert len(display.points_) == 1
    with pytest.raises(DataError, match="no score"):
        ScoreAgainstTimeDisplay([point(1, [None])])


@pytest.mark.parametrize("shape", [(10, 10), (4, 9), (9, 4), (1, 3)])
def test_rows_and_columns_are_ordered_and_their_counts_kept(shape):
    table = np.random.default_rng(1).integers(0, 99, shape)
    display = ContingencyDisplay(table).plot()
    assert sorted(display.row_order_) == list(range(shape[0]))
    assert sorted(display.column_order_) == list(range(shape[1]))
    sizes = table.sum(axis=1)[display.row_order_]
    assert (np.diff(sizes) <= 0).all()
    for row, column in np.ndindex(shape):
        count = table[display.row_order_[row], display.column_order_[column]]
        assert display.text_[row, column].get_text() == f"{count}"


def test_the_same_clusters_by_other_numbers_lie_on_the_diagonal():
    shuffled = np.random.default_rng(2).permutation(np.diag(np.arange(1, 21)))
    display = ContingencyDisplay(shuffled).plot()
    ordered = shuffled[display.row_order_][:, display.column_order_]
    assert (ordered == np.diag(ordered.diagonal())).all()
    assert display.text_ is None, "twenty clusters are too many for counts"


def test_large_and_empty_tables_are_drawn_and_what_is_none_is_refused():
    for table in (np.eye(256, dtype=int), np.zeros((3, 5), int)):
        FigureCanvasAgg(ContingencyDisplay(table, "a" * 200, "b" * 200).plot().figure_).draw()
    with pytest.raises(DataError, match="contingency table"):
        ContingencyDisplay([1, 2])


def test_panels_show_the_curves_and_mark_the_choices():
    tried = (2, 4, 8)
    criteria = [
        Criterion("elbow", "inertia", "knee", tried, (9.0, 4.0, 3.0), 4),
        Criterion("gap", "gap", "first", tried, (None, 0.5, 0.6), None, errors=(0.1, 0.1, 0.1)),
    ]
    display = SuggestKDisplay(criteria, suggest_from(criteria)).plot()
    assert display.lines_[0].get_xydata().tolist() == [[2, 9], [4, 4], [8, 3]]
    assert [dot.get_xydata().tolist() for dot in display.choices_] == [[[4, 4]]]
    assert [ax.get_title(loc="left") for ax in display.axes_] == ["Elbow: 4", "Gap: no choice"]
    assert display.texts_[0].get_text() == "4"


def test_no_choice_is_a_question_mark_and_no_criterion_is_refused():
    none = [Criterion("gap", "gap", "first", (2, 3), (0.1, 0.2), None)]
    assert SuggestKDisplay(none, suggest_from(none)).plot().texts_[0].get_text() == "?"
    with pytest.raises(DataError, match="no criterion"):
        SuggestKDisplay([], suggest_from([]))
