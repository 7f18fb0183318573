"""Byte layouts and JSON shapes: the vectors that the page is held to as well."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkmeans.errors import DataError, ParameterError
from inkmeans.explore import protocol

VECTORS = json.loads((Path(__file__).parent / "protocol_vectors.json").read_text(encoding="utf-8"))


def test_the_codes_are_those_of_the_vectors():
    assert VECTORS["version"] == protocol.VERSION
    assert VECTORS["codes"] == {
        "no_label": protocol.NO_LABEL,
        "excluded": protocol.EXCLUDED,
        "no_cluster": protocol.NO_CLUSTER,
    }


@pytest.mark.parametrize("vector", VECTORS["bitsets"], ids=lambda v: f"n={v['n']}")
def test_a_bitset_is_that_of_the_vectors(vector):
    members = np.zeros(vector["n"], bool)
    members[vector["indices"]] = True
    packed = protocol.to_bitset(members)
    assert len(packed) == vector["bytes"]
    if "hex" in vector:
        assert packed.hex() == vector["hex"]
    else:
        assert {str(i): byte for i, byte in enumerate(packed) if byte} == vector["nonzero"]
    assert protocol.from_bitset(packed, vector["n"]).nonzero()[0].tolist() == vector["indices"]


@pytest.mark.parametrize("vector", VECTORS["wrong_bitsets"], ids=str)
def test_a_wrong_bitset_is_refused(vector):
    with pytest.raises(DataError, match="selection"):
        protocol.from_bitset(bytes.fromhex(vector["hex"]), vector["n"])


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_a_bitset_comes_back(members):
    assert protocol.from_bitset(protocol.to_bitset(members), len(members)).tolist() == members


@pytest.mark.parametrize("kind", ["float32", "uint16", "uint32"])
def test_numbers_lie_as_in_the_vectors(kind):
    vector = VECTORS[kind]
    assert getattr(protocol, f"as_{kind}")(vector["values"]).hex() == vector["hex"]


@pytest.mark.parametrize("vector", VECTORS["atlases"], ids=lambda v: f"n={v['n']}")
def test_an_atlas_is_that_of_the_vectors(vector):
    plan = dict(vector)
    size = plan.pop("image_height"), plan.pop("image_width")
    assert protocol.to_json(protocol.plan_atlas(vector["n"], *size)) == plan


@given(st.integers(1, 3_000_000), st.integers(1, 4000), st.integers(1, 4000))
def test_an_atlas_fits_its_texture_and_holds_all(n, height, width):
    atlas = protocol.plan_atlas(n, height, width)
    assert atlas.columns * atlas.rows >= n > atlas.columns * (atlas.rows - 1)
    assert atlas.columns * atlas.width <= protocol.MAX_TEXTURE
    assert atlas.rows * atlas.height <= protocol.MAX_TEXTURE
    assert atlas.width <= width
    assert atlas.height <= height
    assert (atlas.bands - 1) * atlas.band_rows < atlas.rows <= atlas.bands * atlas.band_rows


def test_more_images_than_pixels_are_refused():
    with pytest.raises(ParameterError, match="too many"):
        protocol.plan_atlas(protocol.MAX_TEXTURE**2 + 1, 28, 28)


def test_json_has_no_numbers_that_json_lacks():
    found = protocol.to_json({"a": float("inf"), "b": np.float32(0.5), "c": np.arange(2)})
    assert json.loads(json.dumps(found, allow_nan=False)) == {"a": None, "b": 0.5, "c": [0, 1]}
