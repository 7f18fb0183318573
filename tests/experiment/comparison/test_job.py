"""A comparison of real digits, from its cells to its files."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

import inkmeans
from inkmeans.errors import ParameterError
from inkmeans.experiment import CompareOptions, compare
from inkmeans.experiment.comparison import workers
from inkmeans.progress import Stop

NAMES = ["pixels-kmeans-10", "pixels-sklearn-kmeans-10"]


def lines(comparison):
    text = (comparison.folder / "cells.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def by_name(comparison):
    return {summary.configuration.name: summary for summary in comparison.summaries}


def test_every_cell_is_on_record_failed_ones_with_their_reason(comparison, options, watched):
    found = lines(comparison)
    assert len(found) == len(options.cells) == 8
    assert {one.cell for one in watched} == set(options.cells)
    failed = [line for line in found if line["failure"]]
    assert [line["reducer"] for line in failed] == ["pca:65"] * 4
    assert all("65 components" in line["failure"] and line["hint"] for line in failed)
    assert (comparison.n_done, len(comparison.failures)) == (4, 4)


def test_a_cell_is_the_clustering_of_the_shuffled_images(small, clusters):
    rows = small.images.reshape(400, -1)
    for seed in (0, 3):
        order = np.random.default_rng(seed).permutation(300)
        model = inkmeans.KMeans(10, random_state=seed).fit(rows[:300][order])
        expected = np.empty(300, int)
        expected[order] = model.labels_
        found = clusters(f"pixels-kmeans-10-seed{seed}")
        np.testing.assert_array_equal(found[:300], expected)
        np.testing.assert_array_equal(found[300:], model.predict(rows[300:]))


def test_scores_are_those_of_the_clusters(comparison, small, clusters):
    for line in lines(comparison):
        if line["failure"]:
            continue
        found = clusters(f"pixels-{line['algorithm']}-10-seed{line['seed']}")
        for split, part in (("train", slice(0, 300)), ("test", slice(300, None))):
            labels = small.labels[part]
            scores = line["scores"][split]
            assert scores["ari"] == pytest.approx(adjusted_rand_score(labels, found[part]))
            assert scores["nmi"] == pytest.approx(normalized_mutual_info_score(labels, found[part]))


def test_the_table_is_what_the_lines_come_to(comparison):
    rows = list(csv.DictReader(io.StringIO((comparison.folder / "comparison.csv").read_text())))
    assert len(rows) > 50
    for row in rows:
        values = [
            line[row["score"]] if not row["split"] else line["scores"][row["split"]][row["score"]]
            for line in lines(comparison)
            if not line["failure"]
            and row["score"] not in ("stability", "total_seconds")
            and (line["algorithm"], line["reducer"] or "") == (row["algorithm"], row["reducer"])
        ]
        assert row["labels"]
        if not values:
            assert row["score"] in ("stability", "total_seconds") or row["n"] == "0"
            continue
        if values[0] is None:
            assert row["mean"] == ""
            continue
        mean, error = np.mean(values), stats.sem(values)
        low, high = stats.t.interval(0.95, 1, mean, error) if error else (mean, mean)
        found = [float(row[key]) for key in ("mean", "deviation", "low", "high")]
        expected = [mean, np.std(values, ddof=1), low, high]
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)
        assert row["n"] == "2"


def test_stability_is_the_agreement_of_the_seeds_and_gives_the_order(comparison, clusters):
    found = {}
    for name in NAMES:
        pair = [clusters(f"{name}-seed{seed}")[:300] for seed in (0, 3)]
        found[name] = adjusted_rand_score(*pair)
        assert by_name(comparison)[name].stability.mean == pytest.approx(found[name])
    assert list(comparison.order) == sorted(found, key=lambda name: -found[name])


def test_the_contingency_counts_images_of_the_two_most_stable(comparison, clusters):
    pair = comparison.contingency
    a, b = (clusters(name)[:300] for name in (pair.rows, pair.columns))
    expected = [[((a == i) & (b == j)).sum() for j in range(10)] for i in range(10)]
    np.testing.assert_array_equal(pair.table, expected)
    assert pair.agreement == pytest.approx(adjusted_rand_score(a, b))


def test_the_files_are_there_and_the_json_says_what_labels_were_used_for(comparison):
    names = ["comparison.csv", "comparison.tex", "comparison.json"]
    names += [f"{stem}.{kind}" for stem in ("score-against-time", "contingency")
              for kind in ("png", "svg")]  # fmt: skip
    assert [path.name for path in comparison.files] == names
    assert all(path.stat().st_size for path in comparison.files)
    record = json.loads((comparison.folder / "comparison.json").read_text(encoding="utf-8"))
    scores = record["configurations"][0]["scores"]["test"]
    assert scores["silhouette"]["labels"] == "no labels used"
    assert scores["ari"]["labels"] == "labels compared with clusters"
    assert scores["majority_accuracy"]["labels"] == "labels used to name clusters"
    assert scores["ari"]["n"] == 2
    assert not (comparison.folder / ".work").exists()


def test_the_latex_table_has_a_line_for_each_configuration_and_as_many_cells_as_columns(comparison):
    text = (comparison.folder / "comparison.tex").read_text(encoding="utf-8")
    columns = text.partition("\\begin{tabular}{")[2].partition("}")[0]
    head, body = text.partition("\\toprule")[2].split("\\midrule")
    rows = body.partition("\\bottomrule")[0].strip().splitlines()
    assert len(rows) == len(comparison.summaries)
    for row in (head.strip(), *rows):
        assert row.endswith(" \\\\")
        assert row.count("&") == len(columns) - 1
    accuracy = by_name(comparison)[NAMES[0]].score("majority_accuracy", "test")
    assert f"${accuracy.mean:.4f} \\pm {accuracy.half_width:.4f}$" in rows[0]


def test_memory_is_that_of_each_process(comparison):
    peaks = [line["peak_memory"] for line in lines(comparison) if not line["failure"]]
    if None not in peaks:
        assert all(20e6 < peak < 2e9 for peak in peaks)


def test_a_rerun_computes_nothing_again(comparison, options, monkeypatch):
    good = replace(options, reduce=(None,))
    before = (options.out / "cells.jsonl").read_bytes()
    monkeypatch.setattr(workers.Workers, "run", None)
    again = compare(good)
    assert again.n_resumed == 4
    assert (options.out / "cells.jsonl").read_bytes() == before
    assert again.summaries == tuple(s for s in comparison.summaries if s.results)


def copy(folder, to):
    import shutil

    return shutil.copytree(folder, to / "copy")


def test_a_damaged_last_line_is_computed_again_alone_to_the_same_result(
    comparison, options, tmp_path
):
    out = copy(comparison.folder, tmp_path)
    good = [line for line in lines(comparison) if not line["failure"]]
    text = "".join(json.dumps(line) + "\n" for line in good)
    (out / "cells.jsonl").write_text(text[:-30], encoding="utf-8")
    again = compare(replace(options, reduce=(None,), out=out))
    assert again.n_resumed == 3
    assert again.notes[0].startswith("1 damaged line of cells.jsonl taken out")
    assert lines(again)[-1]["scores"] == good[-1]["scores"]
    before = by_name(comparison)
    for name, summary in by_name(again).items():
        assert summary.scores == before[name].scores


def test_stopped_in_the_middle_the_finished_cells_are_kept(small, tmp_path):
    options = CompareOptions(small, ("kmeans",), ("pixels",), seeds=(0, 1), out=tmp_path / "c")

    def stop(event):
        if event.stage == "compare" and event.step == 1:
            raise Stop

    with pytest.raises(Stop):
        compare(options, progress=stop)
    assert len((options.out / "cells.jsonl").read_text().splitlines()) == 1
    assert not (options.out / ".work").exists()
    assert not (options.out / "comparison.csv").exists()


def test_a_process_that_dies_is_a_failed_cell(small, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "_START", "import os; os._exit(9)")
    options = CompareOptions(small, ("kmeans",), ("pixels",), seeds=(0,), out=tmp_path / "c")
    (failure,) = compare(options).failures
    assert "ended from outside (code 9)" in failure.failure
    assert "memory" in failure.hint
    monkeypatch.setattr(workers, "_START", "raise SystemError('no engine')")
    (failure,) = compare(options).failures
    assert failure.failure.endswith("SystemError: no engine")


def test_an_algorithm_that_finds_the_number_itself_is_told_to_have_run_once(small, tmp_path):
    options = CompareOptions(
        small, ("dbscan",), ("pixels",), ("pca:2",), (10, 20), seeds=(0,), out=tmp_path / "c"
    )
    found = compare(options)
    assert [one.configuration.name for one in found.summaries] == ["pixels-pca2-dbscan-10"]
    assert "dbscan finds the number of clusters itself: it ran once" in found.notes


def test_more_clusters_than_images_are_refused_and_nothing_is_left(small, tmp_path):
    options = CompareOptions(small, ("kmeans",), clusters=(10, 301), out=tmp_path / "c")
    with pytest.raises(ParameterError, match="301, but there are only 300"):
        compare(options)
    assert list(tmp_path.iterdir()) == []


def test_an_algorithm_that_takes_fewer_images_fails_without_a_process(small, tmp_path, monkeypatch):
    from inkmeans.cluster.registry import ALGORITHMS

    slow = replace(ALGORITHMS["kmeans"], name="slow", max_images=200)
    monkeypatch.setitem(ALGORITHMS, "slow", slow)
    monkeypatch.setattr(workers.Workers, "run", None)
    options = CompareOptions(small, ("slow",), ("pixels",), seeds=(0,), out=tmp_path / "c")
    (failure,) = compare(options).failures
    assert (failure.failure, failure.hint) == (
        "300 training images are too many for slow",
        "it takes up to 200",
    )
