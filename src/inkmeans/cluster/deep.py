"""Deep embedded clustering: an autoencoder whose embedding is drawn to its clusters."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from inkmeans import engine
from inkmeans.cluster.kmeans import KMeans
from inkmeans.cluster.parameters import check_number, check_whole
from inkmeans.cluster.rows import PredictingClusterer, check_enough
from inkmeans.engine import Floats, Labels
from inkmeans.registry import require

__all__ = ["DeepClustering"]

_STEPS = 3000  # of the autoencoder, if that is from 30 to 300 passes
_STARTS = 10  # of k-means on the embedding
_SETTLED = 1e-3  # of the rows, that may still change their cluster when it ends

Rows32 = NDArray[np.float32]
Layer = tuple[Rows32, Rows32]  # weights of shape (n_in, n_out), and biases


class DeepClustering(PredictingClusterer):
    """Deep embedded clustering (DEC), on torch: the yardstick for what needs no network.

    An autoencoder learns to squeeze rows through a few numbers and to restore them. k-means
    clusters these numbers. Then the encoder is trained on until rows that lie near to a centroid
    lie nearer. No label is used.

    Parameters
    ----------
    n_clusters : int, default=8
        Number of clusters.
    n_dimensions : int, default=10
        Numbers that a row is squeezed through.
    hidden : tuple of int, default=(500, 250)
        Widths of the layers before; those after are their mirror image.
    n_epochs : int or "auto", default="auto"
        Passes of the autoencoder over all rows. ``"auto"``: 3,000 batches, or 30 or 300 passes
        if that is more or less.
    n_refinements : int, default=30
        Most passes that draw the embedding to its clusters; 0 leaves the clusters to k-means.
    batch_size : int, default=256
    learning_rate : float, default=1e-3
        Of Adam.
    random_state : int, RandomState or None, default=None
        Pass an int for the same result every time on one machine with one number of threads.

    Attributes
    ----------
    centroids_ : ndarray of shape (n_clusters, n_dimensions)
        In the embedding; not `cluster_centers_`, which would lie among the rows.
    labels_ : ndarray of shape (n_samples,), int32
        The nearest centroid of each row, in the embedding.
    layers_ : list of (ndarray, ndarray)
        Weights and biases of the encoder: plain arrays, so that a fitted one needs no torch.
    losses_ : list of float
        Mean squared error of each pass of the autoencoder, in units of the variance of the rows.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        If X had names of columns.

    Raises
    ------
    MissingExtraError
        From `fit`, if torch (extra ``deep``) is not installed.

    References
    ----------
    J. Xie, R. Girshick, A. Farhadi, "Unsupervised deep embedding for clustering analysis", ICML
    2016; with Adam, a smaller network and no layer by layer training.
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        n_dimensions: int = 10,
        hidden: tuple[int, ...] = (500, 250),
        n_epochs: Any = "auto",
        n_refinements: int = 30,
        batch_size: int = 256,
        learning_rate: float = 1e-3,
        random_state: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_dimensions = n_dimensions
        self.hidden = hidden
        self.n_epochs = n_epochs
        self.n_refinements = n_refinements
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.random_state = random_state

    def embed(self, X: Any) -> Rows32:
        """Return the numbers that each row is squeezed into.

        Parameters
        ----------
        X : array-like of shape (n, d)

        Returns
        -------
        ndarray of shape (n, n_dimensions), float32
        """
        return self._embed(self._check_rows(X, reset=False))

    def _cluster(self, rows: NDArray[Any]) -> Any:
        self._check_parameters(len(rows))
        torch = require("torch", "deep", "the algorithm deep")
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        self._mean = np.asarray(rows.mean(axis=0, dtype=np.float64), dtype=np.float32)
        self._scale = np.float32(rows.std(axis=0, dtype=np.float64).mean() or 1.0)
        data = self._scaled(rows)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            trainer = _Trainer(torch, data, self.batch_size, self.learning_rate)
            encoder, decoder = trainer.networks((data.shape[1], *self.hidden, self.n_dimensions))
            self.losses_ = trainer.restore(encoder, decoder, self._passes(len(rows)))
            self.layers_ = _layers(encoder)
            kmeans = KMeans(self.n_clusters, n_init=_STARTS, random_state=seed)
            self.centroids_ = kmeans.fit(self._embed(rows)).cluster_centers_
            if self.n_refinements and self.n_clusters > 1:
                centers = trainer.refine(encoder, self.centroids_, self.n_refinements)
                self.layers_, self.centroids_ = _layers(encoder), centers
        return self._assign(rows)

    def _passes(self, n: int) -> int:
        if self.n_epochs != "auto":
            return int(self.n_epochs)
        return int(np.clip(_STEPS * self.batch_size // n, 30, 300))

    def _scaled(self, rows: NDArray[Any]) -> Rows32:
        return np.asarray((rows - self._mean) / self._scale, dtype=np.float32)

    def _embed(self, rows: NDArray[Any]) -> Rows32:
        values = self._scaled(rows)
        for weights, biases in self.layers_[:-1]:
            values = np.maximum(values @ weights + biases, 0)
        weights, biases = self.layers_[-1]
        return np.asarray(values @ weights + biases, dtype=np.float32)

    def _assign(self, rows: NDArray[Any]) -> Labels:
        centroids = np.asarray(self.centroids_, dtype=np.float64)
        return engine.assign(self._embed(rows), centroids)

    def _check_parameters(self, n: int) -> None:
        for name in ("n_clusters", "n_dimensions", "batch_size"):
            check_whole(name, getattr(self, name))
        for width in self.hidden:
            check_whole("hidden", width)
        check_whole("n_refinements", self.n_refinements, least=0)
        check_number("learning_rate", self.learning_rate)
        if self.n_epochs != "auto":
            check_whole("n_epochs", self.n_epochs)
        check_enough(n, self.n_clusters)


@dataclass
class _Trainer:
    """Training on batches in a random order, which torch's seed decides."""

    torch: Any
    data: Rows32
    batch_size: int
    learning_rate: float

    def networks(self, widths: tuple[int, ...]) -> tuple[Any, Any]:
        """Make an encoder of these widths and its mirror image."""
        return self._chain(widths), self._chain(widths[::-1])

    def restore(self, encoder: Any, decoder: Any, n_epochs: int) -> list[float]:
        """Train both to restore the rows; return the mean loss of each pass."""
        torch = self.torch
        both = [*encoder.parameters(), *decoder.parameters()]
        adam = torch.optim.Adam(both, lr=self.learning_rate)
        losses = []
        for _ in range(n_epochs):
            total = 0.0
            for _, batch in self._batches():
                loss = torch.nn.functional.mse_loss(decoder(encoder(batch)), batch)
                adam.zero_grad()
                loss.backward()
                adam.step()
                total += loss.item() * len(batch)
            losses.append(total / len(self.data))
        return losses

    def refine(self, encoder: Any, centers: Any, n_epochs: int) -> Floats:
        """Draw the embedding to its clusters, until these hardly change; return the centroids."""
        torch = self.torch
        means = torch.nn.Parameter(torch.as_tensor(np.asarray(centers, dtype=np.float32)))
        adam = torch.optim.Adam([*encoder.parameters(), means], lr=self.learning_rate)
        before = None
        for _ in range(n_epochs):
            with torch.no_grad():
                embedded = torch.cat([encoder(part) for part in self._parts()])
                shares = _soft(embedded, means)
            labels = shares.argmax(dim=1)
            if before is not None and (labels != before).double().mean() < _SETTLED:
                break
            before = labels
            # Sure rows count more, large clusters less: equations 3 of the reference.
            targets = shares**2 / shares.sum(dim=0)
            targets /= targets.sum(dim=1, keepdim=True)
            for chosen, batch in self._batches():
                loss = torch.nn.functional.kl_div(
                    _soft(encoder(batch), means).log(), targets[chosen], reduction="batchmean"
                )
                adam.zero_grad()
                loss.backward()
                adam.step()
        return np.asarray(means.detach().numpy(), dtype=np.float64)

    def _chain(self, widths: tuple[int, ...]) -> Any:
        nn = self.torch.nn
        layers: list[Any] = []
        for n_in, n_out in pairwise(widths):
            layers += [nn.Linear(n_in, n_out), nn.ReLU()]
        return nn.Sequential(*layers[:-1])

    def _batches(self) -> Any:
        for chosen in self.torch.randperm(len(self.data)).split(self.batch_size):
            yield chosen, self.torch.from_numpy(self.data[chosen.numpy()])

    def _parts(self) -> Any:
        return self.torch.from_numpy(self.data).split(4096)


def _soft(embedded: Any, means: Any) -> Any:
    """Share each row among the clusters by Student's t, equation 1 of the reference."""
    squared = (embedded[:, None, :] - means[None, :, :]).square().sum(dim=2)
    weights = 1 / (1 + squared)
    return weights / weights.sum(dim=1, keepdim=True)


def _layers(encoder: Any) -> list[Layer]:
    linear = [layer for layer in encoder if hasattr(layer, "weight")]
    return [
        (layer.weight.detach().numpy().T.copy(), layer.bias.detach().numpy().copy())
        for layer in linear
    ]
