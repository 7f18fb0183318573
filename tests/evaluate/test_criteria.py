"""What criteria suggest together."""

from hypothesis import given
from hypothesis import strategies as st

from inkmeans.evaluate import Criterion, suggest_from

TRIED = tuple(range(2, 31))


def criteria(*choices):
    return [Criterion(f"c{place}", "", "the rule", TRIED, (), k) for place, k in enumerate(choices)]


def test_the_number_that_most_are_for_or_near_wins():
    found = suggest_from(criteria(10, 11, 25, 5))
    assert found.n_clusters in (10, 11)
    assert found.supporters == ("c0", "c1")
    assert found.reason == "c0 and c1 agree on about 10, 2 of 4 criteria."


def test_where_none_agree_the_middle_is_taken_and_it_is_said():
    found = suggest_from(criteria(5, 9, 14, 20))
    assert found.n_clusters == 9
    assert found.reason.startswith("No two criteria agree")


def test_the_edge_of_what_was_tried_does_not_count_against_the_inside():
    found = suggest_from(criteria(2, 2, 2, 9))
    assert found.n_clusters == 9
    assert "c0 (2) and c1 (2) and c2 (2) not counted" in found.reason
    assert suggest_from(criteria(2, 2)).n_clusters == 2


def test_nothing_is_suggested_where_nothing_is_chosen():
    found = suggest_from(criteria(None, None))
    assert found.n_clusters is None
    assert "nothing is suggested" in found.reason


@given(choices=st.lists(st.none() | st.sampled_from(TRIED), min_size=1, max_size=5))
def test_the_suggestion_is_one_of_the_choices_and_has_its_supporters(choices):
    found = suggest_from(criteria(*choices))
    assert found.n_clusters in choices
    if found.n_clusters is not None:
        near = [
            f"c{place}"
            for place, k in enumerate(choices)
            if k is not None
            and abs(k - found.n_clusters) <= max(1, 0.15 * max(k, found.n_clusters))
        ]
        assert found.supporters
        assert set(found.supporters) <= set(near)


def test_a_sentence_tells_the_rule_the_edge_and_why_there_is_no_choice():
    one, edge = criteria(9, 30)
    assert one.sentence == "c0: 9 (the rule)"
    assert edge.sentence == "c1: 30 (the rule, at the edge of what was tried)"
    none = Criterion("gap", "", "first", TRIED, (), None, why_none="it rises")
    assert none.sentence == "gap: no choice (it rises)"
