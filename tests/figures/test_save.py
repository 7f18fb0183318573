import pytest
from matplotlib.figure import Figure

from inkmeans.errors import OutputError, ParameterError
from inkmeans.figures import save_figure


@pytest.fixture
def figure():
    made = Figure(figsize=(2, 1))
    made.text(0.5, 0.5, "7")
    return made


def test_one_file_for_each_format_in_a_folder_that_is_made(figure, tmp_path):
    paths = save_figure(figure, tmp_path / "new" / "map.v2", description="A map.")
    assert [path.name for path in paths] == ["map.v2.png", "map.v2.svg"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "map.v2.png",
        "map.v2.svg",
    ]
    assert b"A map." in paths[0].read_bytes()
    assert b"A map." in paths[1].read_bytes()


def test_files_hold_no_date_and_keep_their_text(figure, tmp_path):
    (path,) = save_figure(figure, tmp_path / "seven", formats=("svg",))
    content = path.read_text()
    assert "dc:date" not in content
    assert ">7</text>" in content


def test_a_file_that_is_there_is_replaced(figure, tmp_path):
    (tmp_path / "f.png").write_text("old")
    (path,) = save_figure(figure, tmp_path / "f", formats=["png"])
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_place_that_cannot_be_written_to_is_named_and_left_clean(figure, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError, match="png: cannot be written") as caught:
        save_figure(figure, tmp_path / "file" / "figure")
    assert "choose a folder" in caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_failed_rename_leaves_no_temporary_file(figure, tmp_path):
    (tmp_path / "taken.png").mkdir()
    with pytest.raises(OutputError, match="taken"):
        save_figure(figure, tmp_path / "taken")
    assert [path.name for path in tmp_path.iterdir()] == ["taken.png"]


def test_an_unknown_format_is_refused_before_anything_is_written(figure, tmp_path):
    with pytest.raises(ParameterError, match="unknown figure format 'gif'"):
        save_figure(figure, tmp_path / "f", formats=["png", "gif"])
    assert not list(tmp_path.iterdir())
