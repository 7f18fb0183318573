"""What every display must do; a new figure is covered on the day that it is registered."""

import itertools
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import matplotlib
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from inkmeans.errors import DataError
from inkmeans.figures import FIGURES, Display, save_figure

names = pytest.mark.parametrize("name", sorted(FIGURES))
sizes = pytest.mark.parametrize("n_clusters", [10, 50])


def written(display):
    """Draw; return every text that was drawn with its place in dots, and the figure's own."""
    canvas = FigureCanvasAgg(display.figure_)
    drawn = []

    class Recorded(Text):
        def draw(self, renderer):
            if self.get_text().strip():
                drawn.append((self.get_text(), self.get_window_extent(renderer)))

    draw, Text.draw = Text.draw, Recorded.draw
    try:
        canvas.draw()
    finally:
        Text.draw = draw
    return drawn, display.figure_.bbox


def files(display, folder):
    return [path.read_bytes() for path in save_figure(display.plot().figure_, folder / "figure")]


def test_the_suite_covers_every_registered_figure(known_makers):
    assert known_makers == set(FIGURES)


@names
def test_record_describes_its_display(name):
    kind = FIGURES[name]
    assert kind.name == name
    assert issubclass(kind.display, Display)
    assert kind.title == kind.display.title
    assert kind.summary.endswith(".")
    assert ">>> " in kind.display.__doc__


@names
@sizes
def test_plot_returns_itself_and_keeps_axes_and_artists(name, n_clusters, make):
    display = make(name, n_clusters)
    assert isinstance(display, FIGURES[name].display)
    assert not hasattr(display, "figure_")
    before = set(vars(display))
    assert display.plot() is display
    assert display.ax_.get_figure() is display.figure_
    kept = set(vars(display)) - before
    assert kept - {"ax_", "figure_"}, "keeps no artist"
    assert all(key.endswith("_") for key in kept)


@names
def test_plot_draws_on_given_axes(name, make):
    figure = Figure()
    ax = figure.subplots()
    display = make(name).plot(ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert ax.get_title(loc="left") == display.heading
    FigureCanvasAgg(figure).draw()


@names
@sizes
@pytest.mark.parametrize("labelled", [True, False])
def test_texts_are_whole_and_do_not_cover_one_another(name, n_clusters, labelled, make):
    display = make(name, n_clusters, labelled=labelled)
    if display is None:
        return
    texts, page = written(display.plot())
    for text, box in texts:
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= page.x1 and box.y1 <= page.y1
        assert inside, f"{text!r} is cut off"
    for (one, a), (other, b) in itertools.combinations(texts, 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert min(wide, high) < 2, f"{one!r} covers {other!r}"


@names
def test_the_figure_says_what_it_is_and_how_labels_were_used(name, make):
    texts = [text for text, _ in written(make(name).plot())[0]]
    assert FIGURES[name].title in texts
    assert "MNIST, 1,200 images" in " ".join(texts)
    assert any("Labels used" in text or "labels used" in text for text in texts)
    display = make(name, labelled=False)
    if display is not None:
        assert display.label_use.startswith("No labels used.")


@names
def test_the_same_input_gives_the_same_bytes_whatever_the_users_settings(name, make, tmp_path):
    first = files(make(name), tmp_path)
    with matplotlib.rc_context({"axes.labelsize": 30, "lines.linewidth": 9, "font.size": 20}):
        assert files(make(name), tmp_path) == first
    assert first[0].startswith(b"\x89PNG")
    assert b"<svg" in first[1]


@names
def test_plot_leaves_the_users_settings_alone(name, make):
    before = dict(matplotlib.rcParams)
    make(name).plot()
    assert dict(matplotlib.rcParams) == before


def test_threads_draw_the_same_as_one_alone(make, tmp_path):
    chosen = ["sample-digits", "centroids", "confusion-matrix", "scores-by-clusters"] * 2

    def draw(job):
        number, name = job
        return files(make(name), tmp_path / str(number))

    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(draw, enumerate(chosen)))
    assert drawn[:4] == drawn[4:]
    assert drawn[0] == files(make(chosen[0]), tmp_path / "alone")


def test_figures_never_touch_pyplot():
    code = (
        "import sys, numpy as np\n"
        "from inkmeans.figures import FIGURES, CentroidsDisplay\n"
        "assert 'matplotlib' not in sys.modules, 'registry loads matplotlib'\n"
        "display = CentroidsDisplay(np.eye(8)[None]).plot()\n"
        "display.figure_.savefig(sys.stdout.buffer, format='png')\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.startswith(b"\x89PNG")


def test_axes_without_a_figure_are_refused(make):
    ax = Figure().subplots()
    ax.remove()
    with pytest.raises(DataError, match="belong to no figure"):
        make("centroids").plot(ax=ax)
