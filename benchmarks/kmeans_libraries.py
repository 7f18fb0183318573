"""The libraries of benchmarks/kmeans.py, each at its best settings.

Every method prepares a task outside the clock and returns the work to be timed. Work returns
centroids, or for ``predict`` labels and for ``neighbors`` squared distances. Rows are float32
for the peers (converted before the clock starts) and what they are for inkmeans.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, ClassVar

import numpy as np

__all__ = ["LIBRARIES", "Library", "installed"]

Work = Callable[[], Any]


class Library:
    """What a library is called, and the tasks that it can do: those it has methods for."""

    package = ""
    takes_uint8 = False

    def __init__(self, threads: int) -> None:
        self.threads = threads


class Sklearn(Library):
    """scikit-learn; its mini-batches too."""

    package = "scikit-learn"
    algorithm = "lloyd"

    def _estimator(self, k: int, **parameters: Any) -> Any:
        from sklearn.cluster import KMeans

        return KMeans(k, n_init=1, algorithm=self.algorithm, **parameters)

    def lloyd(self, X: Any, centroids: Any, iterations: int) -> Work:
        model = self._estimator(len(centroids), init=centroids, max_iter=iterations, tol=0)
        return lambda: model.fit(X).cluster_centers_

    def full(self, X: Any, k: int, seed: int) -> Work:
        model = self._estimator(k, random_state=seed)
        return lambda: model.fit(X).cluster_centers_

    def predict(self, X: Any, centroids: Any) -> Work:
        model = self._estimator(len(centroids), init=centroids, max_iter=1)
        model.fit(np.tile(centroids, (2, 1)))  # so that they stay where they are
        return lambda: model.predict(X)


class SklearnLloyd(Sklearn):
    """Only what does not depend on Lloyd or Elkan: measured once."""

    def seeding(self, X: Any, k: int, seed: int) -> Work:
        from sklearn.cluster import kmeans_plusplus

        return lambda: kmeans_plusplus(X, k, random_state=seed)[0]

    def minibatch(self, X: Any, k: int, seed: int) -> Work:
        from sklearn.cluster import MiniBatchKMeans

        model = MiniBatchKMeans(k, batch_size=1024, n_init=1, random_state=seed)
        return lambda: model.fit(X).cluster_centers_

    def neighbors(self, X: Any, queries: Any, n_neighbors: int) -> Work:
        from sklearn.neighbors import NearestNeighbors

        model = NearestNeighbors(n_neighbors=n_neighbors, algorithm="brute").fit(X)
        return lambda: model.kneighbors(queries)[0] ** 2


class SklearnElkan(Sklearn):
    algorithm = "elkan"


class Sklearnex(Sklearn):
    """Intel's extension. Seeds by a k-means++ of its own, so it has no seeding row."""

    package = "scikit-learn-intelex"

    def _estimator(self, k: int, **parameters: Any) -> Any:
        from sklearnex.cluster import KMeans

        return KMeans(k, n_init=1, algorithm="lloyd", **parameters)

    def neighbors(self, X: Any, queries: Any, n_neighbors: int) -> Work:
        from sklearnex.neighbors import NearestNeighbors

        model = NearestNeighbors(n_neighbors=n_neighbors, algorithm="brute").fit(X)
        return lambda: model.kneighbors(queries)[0] ** 2


class Faiss(Library):
    """faiss on all rows; random rows are its own start, 100 iterations a full run."""

    package = "faiss-cpu"
    settings: ClassVar[dict[str, Any]] = {
        "max_points_per_centroid": 10**9,
        "min_points_per_centroid": 1,
    }
    full_iterations = 100

    def _model(self, X: Any, k: int, iterations: int, seed: int = 1) -> Any:
        import faiss

        return faiss.Kmeans(X.shape[1], k, niter=iterations, seed=seed, **self.settings)

    def full(self, X: Any, k: int, seed: int) -> Work:
        model = self._model(X, k, self.full_iterations, seed + 1)

        def work() -> Any:
            model.train(X)
            return model.centroids

        return work


class FaissFull(Faiss):
    def lloyd(self, X: Any, centroids: Any, iterations: int) -> Work:
        model = self._model(X, len(centroids), iterations)

        def work() -> Any:
            model.train(X, init_centroids=centroids)
            return model.centroids

        return work

    def predict(self, X: Any, centroids: Any) -> Work:
        import faiss

        index = faiss.IndexFlatL2(X.shape[1])
        index.add(centroids)
        return lambda: index.search(X, 1)[1][:, 0]

    def neighbors(self, X: Any, queries: Any, n_neighbors: int) -> Work:
        import faiss

        index = faiss.IndexFlatL2(X.shape[1])
        index.add(X)
        return lambda: index.search(queries, n_neighbors)[0]


class FaissDefault(Faiss):
    """As it comes: 25 iterations on a sample of 256 rows a centroid."""

    settings: ClassVar[dict[str, Any]] = {}
    full_iterations = 25


class SuperKMeans(Library):
    """superkmeans on all rows. It takes no initial centroids: it begins with random rows."""

    package = "superkmeans"
    settings: ClassVar[dict[str, Any]] = {
        "hierarchical": False,
        "sampling_fraction": 1.0,
        "max_points_per_cluster": 10**9,
    }

    def _train(self, X: Any, k: int, **settings: Any) -> Work:
        from superkmeans import SuperKMeans

        model = SuperKMeans(k, X.shape[1], n_threads=self.threads, **self.settings, **settings)
        return lambda: np.asarray(model.train(X)).reshape(k, -1)

    def full(self, X: Any, k: int, seed: int) -> Work:
        return self._train(X, k, iters=300, seed=seed)  # ends by its own tolerance


class SuperKMeansIterations(SuperKMeans):
    def lloyd(self, X: Any, centroids: Any, iterations: int) -> Work:
        return self._train(X, len(centroids), iters=iterations, early_termination=False)


class SuperKMeansFull(SuperKMeansIterations):
    def predict(self, X: Any, centroids: Any) -> Work:
        from superkmeans import SuperKMeans

        model = SuperKMeans(len(centroids), X.shape[1], n_threads=self.threads)
        return lambda: np.asarray(model.assign(X, centroids)).ravel()


class SuperKMeansGemm(SuperKMeansIterations):
    """Without its pruning, which may be wrong."""

    settings: ClassVar[dict[str, Any]] = {**SuperKMeans.settings, "use_blas_only": True}


class SuperKMeansInt8(SuperKMeansIterations):
    """On its 8-bit quantised copy of the rows."""

    settings: ClassVar[dict[str, Any]] = {**SuperKMeans.settings, "quantizer": "sq8"}


class SuperKMeansDefault(SuperKMeans):
    """As it comes: 10 iterations on a sample."""

    settings: ClassVar[dict[str, Any]] = {}

    def full(self, X: Any, k: int, seed: int) -> Work:
        return self._train(X, k, seed=seed)


class Inkmeans(Library):
    """Our own, on the rows as they are."""

    package = "inkmeans"
    takes_uint8 = True

    def lloyd(self, X: Any, centroids: Any, iterations: int) -> Work:
        from inkmeans import KMeans

        model = KMeans(len(centroids), init=centroids, n_init=1, max_iter=iterations, tol=0)
        return lambda: model.fit(X).cluster_centers_

    def full(self, X: Any, k: int, seed: int) -> Work:
        from inkmeans import KMeans

        model = KMeans(k, n_init=1, random_state=seed)
        return lambda: model.fit(X).cluster_centers_

    def seeding(self, X: Any, k: int, seed: int) -> Work:
        from inkmeans.cluster import kmeans_plusplus

        return lambda: kmeans_plusplus(X, k, random_state=seed)[0]

    def minibatch(self, X: Any, k: int, seed: int) -> Work:
        from inkmeans import MiniBatchKMeans

        model = MiniBatchKMeans(k, batch_size=1024, n_init=1, random_state=seed)
        return lambda: model.fit(X).cluster_centers_

    def predict(self, X: Any, centroids: Any) -> Work:
        from inkmeans import KMeans

        model = KMeans(len(centroids), init=centroids, n_init=1, max_iter=1)
        model.fit(np.tile(centroids, (2, 1)))
        return lambda: model.predict(X)

    def neighbors(self, X: Any, queries: Any, n_neighbors: int) -> Work:
        from inkmeans.neighbors import nearest_neighbors

        return lambda: nearest_neighbors(X, n_neighbors, queries)[1] ** 2


class InkmeansShort(Library):
    """Our own, stopped after a few iterations: for what mini-batches are used for."""

    package = "inkmeans"
    takes_uint8 = True
    iterations = 5
    init = "k-means++"

    def minibatch(self, X: Any, k: int, seed: int) -> Work:
        from inkmeans import KMeans

        model = KMeans(
            k, init=self.init, n_init=1, max_iter=self.iterations, tol=0, random_state=seed
        )
        return lambda: model.fit(X).cluster_centers_


class InkmeansShort10(InkmeansShort):
    iterations = 10


class InkmeansShortRandom10(InkmeansShort):
    iterations = 10
    init = "random"


LIBRARIES: dict[str, type[Library]] = {
    "inkmeans": Inkmeans,
    "inkmeans-5": InkmeansShort,
    "inkmeans-10": InkmeansShort10,
    "inkmeans-random-10": InkmeansShortRandom10,
    "sklearn": SklearnLloyd,
    "sklearn-elkan": SklearnElkan,
    "sklearnex": Sklearnex,
    "faiss": FaissFull,
    "faiss-default": FaissDefault,
    "superkmeans": SuperKMeansFull,
    "superkmeans-gemm": SuperKMeansGemm,
    "superkmeans-int8": SuperKMeansInt8,
    "superkmeans-default": SuperKMeansDefault,
}


def installed(name: str) -> str | None:
    """Version of a library, None where it is not installed."""
    try:
        return version(LIBRARIES[name].package)
    except PackageNotFoundError:
        if not name.startswith("inkmeans"):
            return None
    try:
        import inkmeans
    except ImportError:
        return None
    return inkmeans.__version__
