"""An ONNX graph that is built node by node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.registry import require

__all__ = ["OPSET", "OnnxGraph", "load_onnx"]

OPSET = 17
_IR_VERSION = 8  # the oldest that goes with the operators used: readable by more runtimes


def load_onnx() -> Any:
    """Import onnx, or say how to install it."""
    onnx = require("onnx", "onnx", "the export to ONNX")
    for part in ("helper", "numpy_helper", "checker"):
        require(f"onnx.{part}", "onnx", "the export to ONNX")
    return onnx


class OnnxGraph:
    """Nodes and constants, each named by its number.

    Attributes
    ----------
    nodes, constants : list
        In the order in which they were made, which is one that a graph may have.

    Examples
    --------
    >>> from inkmeans.recognise.onnx_graph import OnnxGraph
    >>> graph = OnnxGraph()
    >>> graph.op("Add", "x", graph.number(1))
    'value1'
    >>> [node.op_type for node in graph.nodes]
    ['Add']
    """

    FLOAT, UINT8, INT64, DOUBLE = 1, 2, 7, 11  # what ONNX calls these types

    def __init__(self) -> None:
        self._onnx = load_onnx()
        self._count = 0
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node of one output, and return the name of that."""
        name = self._new_name()
        self.name_node(kind, inputs, name, attributes)
        return name

    def name(self, value: str, name: str) -> None:
        """Give a value a second name, for an output."""
        self.name_node("Identity", (value,), name, {})

    def name_node(
        self, kind: str, inputs: Sequence[str], name: str, attributes: dict[str, Any]
    ) -> None:
        """Add a node whose output has a given name."""
        self.nodes.append(self._onnx.helper.make_node(kind, list(inputs), [name], **attributes))

    def constant(self, values: ArrayLike, dtype: Any = np.float32) -> str:
        """Add an array."""
        name = self._new_name()
        array: NDArray[Any] = np.array(values, dtype=dtype, order="C")
        self.constants.append(self._onnx.numpy_helper.from_array(array, name))
        return name

    def number(self, value: float, dtype: Any = np.float32) -> str:
        """Add a number."""
        return self.constant(value, dtype)

    def whole(self, values: Sequence[int]) -> str:
        """Add whole numbers: axes, shapes, places."""
        return self.constant(values, np.int64)

    def pad(self, images: str, margins: tuple[int, int], mode: str = "constant") -> str:
        """Lay pixels around images of shape (n, height, width): above and below, left and right."""
        high, wide = margins
        return self.op("Pad", images, self.whole([0, high, wide, 0, high, wide]), mode=mode)

    def cut(self, value: str, axis: int, start: int, stop: int) -> str:
        """Take a part along one axis."""
        return self.op("Slice", value, *(self.whole([i]) for i in (start, stop, axis)))

    def reshape(self, value: str, shape: Sequence[int]) -> str:
        """Change the shape; one length may be -1, and 0 stays what it is."""
        return self.op("Reshape", value, self.whole(shape))

    def to_bytes(
        self,
        name: str,
        image_shape: tuple[int, int],
        outputs: Mapping[str, tuple[int, tuple[int, ...]]],
        described: Mapping[str, str],
    ) -> bytes:
        """Make a checked model of the graph.

        Parameters
        ----------
        name : str
            Of the graph.
        image_shape : tuple of int
            Height and width of its input ``images``, uint8 of shape (n, height, width).
        outputs : mapping of str to tuple
            Type of each, and the shape of what there is for an image.
        described : mapping of str to str
            Metadata.

        Returns
        -------
        bytes
            The same for the same model.
        """
        helper, make = self._onnx.helper, self._onnx.helper.make_tensor_value_info
        made = helper.make_graph(
            self.nodes,
            name,
            [make("images", self.UINT8, ["n", *image_shape])],
            [make(output, kind, ["n", *shape]) for output, (kind, shape) in outputs.items()],
            initializer=self.constants,
        )
        model = helper.make_model(
            made,
            producer_name="inkmeans",
            ir_version=_IR_VERSION,
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        helper.set_model_props(model, dict(described))
        self._onnx.checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))

    def _new_name(self) -> str:
        name = f"value{self._count}"
        self._count += 1
        return name
