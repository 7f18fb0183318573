import pytest
from sklearn.metrics import silhouette_score

from inkmeans.errors import DataError, ParameterError
from inkmeans.evaluate import SilhouetteSample


def test_silhouette_equals_scikit_learns_on_the_same_images(clustered):
    sample = SilhouetteSample(clustered.rows, 500, random_state=3)
    drawn = sample.indices
    assert len(set(drawn)) == 500
    expected = silhouette_score(clustered.rows[drawn].astype(float), clustered.assignments[drawn])
    assert sample.score(clustered.assignments) == pytest.approx(expected, abs=1e-5)


def test_the_seed_decides_the_sample(clustered):
    first, again, other = (SilhouetteSample(clustered.rows, 50, seed).indices for seed in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


def test_silhouette_does_not_apply_to_one_cluster_or_to_single_images(clustered):
    sample = SilhouetteSample(clustered.rows[:20])
    assert sample.score([0] * 20) is None
    assert sample.score(list(range(20))) is None


def test_bad_samples_are_refused(clustered):
    with pytest.raises(ParameterError, match="sample_size is 1"):
        SilhouetteSample(clustered.rows, 1)
    with pytest.raises(DataError, match="rows have the shape"):
        SilhouetteSample([1.0, 2.0])
    with pytest.raises(DataError, match="for 20 images"):
        SilhouetteSample(clustered.rows[:20]).score([0, 1])
