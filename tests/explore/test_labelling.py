"""The state that a log of actions leads to equals a plain model of it, whatever the order."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkmeans.errors import DataError
from inkmeans.explore.history import Entry, Timeline
from inkmeans.explore.labelling import Action, Labelling, RunState, apply, pack, unpack
from inkmeans.explore.protocol import to_bitset

N = 12
BASE = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2], np.uint16)

images = st.sets(st.integers(0, N - 1), min_size=1)
labels = st.sampled_from([0, 1, 7, 255])
steps = st.one_of(
    st.tuples(st.just("label"), images, labels),
    st.tuples(st.just("name"), st.integers(0, 6), labels),
    st.tuples(st.just("exclude"), images, st.booleans()),
    st.tuples(st.just("merge"), st.integers(0, 6), st.integers(0, 6)),
    st.tuples(st.just("split"), st.integers(0, 6), st.integers(0, 2**N - 1)),
    st.tuples(st.just("audit"), st.integers(0, N - 1), st.sampled_from([0, 1, 7])),
    st.just(("undo",)),
    st.just(("redo",)),
)


class Model:
    """The same in Python's dictionaries, with a copy of everything for each undo."""

    def __init__(self):
        self.now = {
            "label": [255] * N,
            "by_hand": [False] * N,
            "out": [False] * N,
            "cluster": BASE.tolist(),
            "name": {},
            "audit": {},
            "next": 3,
        }
        self.past, self.future = [], []

    def pass_on(self, cluster, label):
        for image in range(N):
            if self.now["cluster"][image] == cluster and not self.now["by_hand"][image]:
                self.now["label"][image] = label

    def act(self, step):
        """Do a step, and return it as an action; None where it makes no sense."""
        kind, *what = step
        if kind == "undo":
            if not self.past:
                return None
            self.future.append(self.now)
            self.now = self.past.pop()
            return Action("undo", {})
        if kind == "redo":
            if not self.future:
                return None
            self.past.append(self.now)
            self.now = self.future.pop()
            return Action("redo", {})
        before = copy.deepcopy(self.now)
        action = getattr(self, kind)(*what)
        if action is not None:
            self.past.append(before)
            self.future.clear()
        return action

    def label(self, chosen, label):
        for image in chosen:
            self.now["label"][image], self.now["by_hand"][image] = label, label != 255
        return Action("label", {"label": label}, bitset(chosen))

    def name(self, cluster, label):
        if cluster not in self.now["cluster"]:
            return None
        self.now["name"].pop(cluster, None)
        if label != 255:
            self.now["name"][cluster] = label
        self.pass_on(cluster, label)
        return Action("name", {"run": 1, "cluster": cluster, "label": label})

    def exclude(self, chosen, value):
        for image in chosen:
            self.now["out"][image] = value
        return Action("exclude", {"value": value}, bitset(chosen))

    def merge(self, source, target):
        if source == target or not {source, target} <= set(self.now["cluster"]):
            return None
        self.now["cluster"] = [target if c == source else c for c in self.now["cluster"]]
        lost = self.now["name"].pop(source, None)
        name = self.now["name"].get(target, lost)
        if name is not None:
            self.now["name"][target] = name
            self.pass_on(target, name)
        return Action("merge", {"run": 1, "source": source, "target": target})

    def split(self, cluster, bits):
        members = [i for i in range(N) if self.now["cluster"][i] == cluster]
        parts = [self.now["next"] if bits >> i & 1 else cluster for i in members]
        if len(set(parts)) < 2:
            return None
        if cluster in self.now["name"]:
            self.pass_on(cluster, 255)
            del self.now["name"][cluster]
        for image, part in zip(members, parts, strict=True):
            self.now["cluster"][image] = part
        self.now["next"] += 1
        return Action("split", {"run": 1, "cluster": cluster}, pack(np.array(parts, "<u2")))

    def audit(self, image, label):
        self.now["audit"][image] = label
        return Action("audit", {"image": image, "label": label})


def bitset(chosen):
    members = np.zeros(N, bool)
    members[list(chosen)] = True
    return to_bitset(members)


def new_timeline():
    return Timeline(N, lambda run: RunState.fitted(BASE, 3))


def assert_equal(timeline, model):
    state, run = timeline.state, timeline.run(1)
    now = model.now
    assert state.labels.tolist() == now["label"]
    assert state.excluded.tolist() == now["out"]
    assert (state.sources == 2).tolist() == now["by_hand"]
    assert run.assigned.tolist() == now["cluster"]
    assert dict(run.names) == now["name"]
    assert dict(state.audit) == now["audit"]
    for fitted in range(3):  # who inherited from whom
        heirs = {now["cluster"][i] for i in range(N) if BASE[i] == fitted}
        assert heirs <= run.heirs[fitted]
    assert (len(timeline.done), len(timeline.undone)) == (len(model.past), len(model.future))


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, max_size=60), st.integers(0, 60))
def test_any_sequence_equals_the_model_and_its_replay(sequence, cut):
    model, timeline, log = Model(), new_timeline(), []
    for step in sequence:
        action = model.act(step)
        if action is None:
            continue
        entry = Entry(len(log) + 1, action)
        timeline.check(action)
        timeline.take(entry, timeline.preview(action))
        log.append(entry)
    assert_equal(timeline, model)
    again = new_timeline()  # a restart, and a second process that reads on in between
    again.replay(log[:cut])
    again.replay(log[cut:])
    assert_equal(again, model)
    assert again.last_id == len(log)


def test_an_undo_far_back_goes_through_states_that_were_not_kept():
    model, timeline = Model(), new_timeline()
    sequence = [("label", {i % N}, i % 2) for i in range(200)] + [("undo",)] * 150
    for number, step in enumerate([*sequence, *[("redo",)] * 20], start=1):
        timeline.take(Entry(number, model.act(step)))
    assert_equal(timeline, model)


@pytest.mark.parametrize(
    "action",
    [
        Action("dance", {}),
        Action("label", {}),
        Action("label", {"label": 1}, b"12345"),
        Action("split", {"run": 1, "cluster": 0}, b"no zlib"),
        Action("split", {"run": 1, "cluster": 0}, pack(np.zeros(99, "<u2"))),
        Action("name", {"run": 5, "cluster": 0, "label": 1}),
    ],
    ids=lambda action: f"{action.kind}-{len(action.data)}",
)
def test_a_damaged_log_is_an_error_of_ours(action):
    with pytest.raises(DataError):
        apply(Labelling.empty(N), action)


def test_packed_arrays_come_back_within_their_size():
    values = np.arange(5, dtype="<u2")
    assert unpack(pack(values), "<u2", 5).tolist() == values.tolist()
    for count in (4, 6):
        with pytest.raises(DataError, match="bytes"):
            unpack(pack(values), "<u2", count)
