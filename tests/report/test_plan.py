"""Every picture is planned, described, and drawn alike by one process or two."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from inkmeans.figures import FIGURES
from inkmeans.progress import silent
from inkmeans.report.highlights import highlight
from inkmeans.report.pictures import Studio
from inkmeans.report.plan import plan_pictures


def planned(contents):
    return list(plan_pictures(contents, highlight(contents)))


# They compare results or numbers of clusters: of `inkmeans compare` and `inkmeans suggest-k`.
OF_OTHER_COMMANDS = {"contingency", "score-against-time", "suggest-k"}


def test_every_kind_of_figure_is_placed(contents):
    placed = {drawing.picture.section for drawing in planned(contents)}
    assert placed == set(FIGURES) - OF_OTHER_COMMANDS


def test_pictures_have_names_of_their_own_and_words(contents):
    pictures = [drawing.picture for drawing in planned(contents)]
    assert len({picture.stem for picture in pictures}) == len(pictures)
    assert all(len(p.alt) > len(p.caption) > 20 for p in pictures)


def test_without_labels_there_is_no_picture_of_mistakes(unlabelled):
    sections = {drawing.picture.section for drawing in planned(unlabelled)}
    assert not sections & {"confusion-matrix", "confused-pairs"}
    assert sections >= {"sample-digits", "centroids", "cluster-page", "map", "dendrogram"}


def test_cluster_pages_show_the_members_of_the_clusters(contents):
    run = highlight(contents).paged[0]
    images = contents.images_of(run)
    displays = [d.display for d in planned(contents) if d.picture.section == "cluster-page"]
    shown = {cluster.cluster: (page, cluster) for page in displays for cluster in page.clusters}
    for cluster in run.characteristics:
        page, renumbered = shown[cluster.cluster]
        for kind in ("typical", "borderline", "worst"):
            there = page.images[getattr(renumbered, kind)]
            assert (there == images[getattr(cluster, kind)]).all()


@pytest.fixture(scope="module")
def few(unlabelled):
    return unlabelled, highlight(unlabelled)


def draw(few, folder, progress=silent, n_processes=2):
    with Studio(folder, n_processes) as studio:
        studio.finish(progress, of=len(studio.begin_rest(*few)))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def drawn_alone(few, tmp_path_factory):
    return draw(few, tmp_path_factory.mktemp("one"), n_processes=1)


def test_two_processes_draw_the_same_files_as_one(few, drawn_alone, tmp_path):
    events = []
    assert draw(few, tmp_path, events.append) == drawn_alone
    assert len(events) < len(drawn_alone) / 2  # the other process drew something


@pytest.mark.parametrize("interpreter", ["", "no-such-python", "false"])
def test_one_process_draws_all_where_no_second_can_start(
    few, drawn_alone, tmp_path, monkeypatch, interpreter
):
    monkeypatch.setattr(sys, "executable", interpreter)
    assert draw(few, tmp_path) == drawn_alone


def test_no_characteristics_no_pages(contents):
    bare = replace(contents, runs=tuple(replace(r, characteristics=()) for r in contents.runs))
    sections = {drawing.picture.section for drawing in planned(bare)}
    assert not sections & {"cluster-page", "characteristics"}
