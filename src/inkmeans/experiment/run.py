"""The main job: load, prepare, cluster, evaluate; the report then draws and writes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from inkmeans.cluster.registry import Algorithm, get_algorithm
from inkmeans.datasets import Digits, load
from inkmeans.engine import assigned_distances, effective_threads
from inkmeans.errors import InkmeansError, ParameterError
from inkmeans.evaluate import Stability, characterize, stability
from inkmeans.experiment.clustering import Clusterer, cluster_space
from inkmeans.experiment.options import NO_PRESET, Plan, RunOptions, check_output_folder
from inkmeans.experiment.spaces import Space, make_spaces
from inkmeans.progress import Callback, Event, silent
from inkmeans.recognise import ClusterModel
from inkmeans.reduce import LinearMap, PrincipalComponents
from inkmeans.report.contents import ClusteringRun, Contents, PcaMap, Recognition

__all__ = ["run_and_write", "run_experiment"]

STABILITY_SEEDS = 4  # further seeds that the smallest run of each unreduced space is repeated with
N_MEMBERS = 12  # of each kind, of a cluster that is drawn
MAP_SAMPLE = 5000  # training images on the two-dimensional map


def run_and_write(
    options: RunOptions, *, progress: Callback | None = None
) -> tuple[Path, Contents]:
    """Run the main job and leave its folder inside ``options.out``.

    Parameters
    ----------
    options : RunOptions
    progress : callable, optional
        Told about every step.

    Returns
    -------
    folder : Path
        The new folder, with report.html in it.
    contents : Contents
        What it was made of.

    Raises
    ------
    InkmeansError
        If something is wrong with the data, the options or the output folder. Whether that
        can be written is checked before the work begins.
    """
    from inkmeans.report.run_folder import open_run_folder

    check_output_folder(options.out)
    with open_run_folder(options.out, progress=progress) as folder:
        contents = run_experiment(options, progress=progress, watch=folder.begin)
        return folder.write(contents), contents


def run_experiment(
    options: RunOptions,
    *,
    progress: Callback | None = None,
    watch: Callable[[Contents], None] | None = None,
) -> Contents:
    """Cluster a data set in every way that was asked for, and evaluate every clustering.

    Parameters
    ----------
    options : RunOptions
    progress : callable, optional
        Told about every step; stage ``"cluster"`` counts the clusters that are done.
    watch : callable, optional
        Gets the contents as far as they go, whenever a run is done.

    Returns
    -------
    Contents
        One `ClusteringRun` for each space and number of clusters, and what the report needs. The
        model is the run with the most clusters on the last of the features, unreduced.

    Raises
    ------
    InkmeansError
        If the data or the options are wrong.

    Notes
    -----
    The same options give the same result, ``seconds`` apart.

    Examples
    --------
    >>> from inkmeans.experiment import RunOptions, run_experiment
    >>> contents = run_experiment(RunOptions("digits", clusters=(10,), features=("pixels",)))
    >>> [run.name for run in contents.runs]
    ['pixels-minibatch-kmeans-10']
    """
    # One thread: the libraries' threads wait busily, on the processor that draws meanwhile.
    with threadpool_limits(1, user_api="blas"):
        return _run(_Job(options, progress or silent), watch)


def _run(job: _Job, watch: Callable[[Contents], None] | None) -> Contents:
    spaces = make_spaces(job.plan, job.digits, job.algorithm, seed=job.seed, progress=job.progress)
    found = _Found()
    while True:
        with job.timed("prepare"):
            space = next(spaces, None)
        if space is None:
            break
        if space.feature.shows_pixels:
            found.prepared[space.feature.name] = space.images
        runs = []
        for n_clusters in job.plan.clusters:
            run = job.cluster(space, n_clusters)
            if space.reducer is None:
                run = job.describe(space, run, paged=n_clusters in job.plan.pages)
            runs.append(run)
            if watch is not None:
                watch(job.contents(found, runs))
        if space.reducer is None:
            found.stability[runs[0].name] = job.repeat(space, runs[0])
            if space.feature.name == job.plan.spaces[-1][0]:
                found.pca_map = job.map_plane(space, runs[0])
                found.model = job.model_of(space, runs[-1])
        elif space.reduction is not None:
            found.reductions[runs[0].space] = space.reduction
        found.runs += runs
    if job.options.preset != NO_PRESET:
        try:
            found.recognition = job.recognise()
        except InkmeansError as error:  # too few images, or all the same: the rest stands
            found.skipped = f"The recogniser was left out: {error.message}."
            job.progress(Event("recognise", found.skipped))
    return job.contents(found)


@dataclass
class _Found:
    """What the report is made of, as it comes in."""

    runs: list[ClusteringRun] = field(default_factory=list)
    prepared: dict[str, NDArray[np.uint8]] = field(default_factory=dict)
    reductions: dict[str, LinearMap] = field(default_factory=dict)
    stability: dict[str, Stability] = field(default_factory=dict)
    pca_map: PcaMap | None = None
    model: ClusterModel | None = None
    recognition: Recognition | None = None
    skipped: str = ""


class _Job:
    """What all clusterings of one main job share, and the seconds that its stages took."""

    def __init__(self, options: RunOptions, progress: Callback) -> None:
        self.progress = progress
        self.stages: dict[str, float] = {}
        self.options = options
        self.seed = options.seed
        self.algorithm: Algorithm = get_algorithm(options.algorithm)
        with self.timed("load"):
            self.digits: Digits = load(options.dataset, progress=progress)
        _check_size(self.algorithm, self.digits.n_train)
        self.plan: Plan = options.plan(self.digits.n_train, self.digits.images[0].size)
        if self.algorithm.finds_number:  # all numbers would give the same
            first = self.plan.clusters[:1]
            self.plan = replace(self.plan, clusters=first, pages=first)
        self.pages = set(self.plan.pages)  # and what came of them where others were found
        self.clusters = sum(self.plan.clusters) * len(self.plan.spaces)
        self.repeats = STABILITY_SEEDS * sum(reducer is None for _, reducer in self.plan.spaces)
        self.clusters_done = self.repeats_done = 0

    def cluster(self, space: Space, n_clusters: int) -> ClusteringRun:
        """Cluster a space once, and tell how far the job is, in clusters."""
        self._tell(f"{space.name}, k={n_clusters}")
        clusterer = Clusterer(self.algorithm, n_clusters, self.seed)
        with self.timed("cluster"):
            run = cluster_space(space, clusterer, self.digits, self._inside(space, n_clusters))
        self.clusters_done += n_clusters
        self._tell(f"{space.name}, k={n_clusters}", run.train.inertia)
        return run

    def describe(self, space: Space, run: ClusteringRun, *, paged: bool) -> ClusteringRun:
        """Add what each cluster of a run is like; distances on the scale of the centroids.

        Telling members, which take comparing with all centroids, only where they are drawn.
        """
        if paged:
            self.pages |= {run.n_clusters}
            self.progress(Event("describe", f"{space.name}, k={run.n_clusters}"))
        unit = space.train.unit
        with self.timed("describe"):
            rows, centers = space.train.rows, run.centroids * unit
            squared = assigned_distances(
                rows, run.train_assignments, centers, n_threads=effective_threads()
            )
            described = characterize(
                rows,
                centers,
                run.train_assignments,
                labels=space.train.labels,
                n_classes=self.digits.n_classes or None,
                n_members=N_MEMBERS if paged else 0,
                distances=np.sqrt(squared),
            )
        scaled = tuple(
            c if c.mean_distance is None else replace(c, mean_distance=c.mean_distance / unit)
            for c in described
        )
        return replace(run, characteristics=scaled)

    def map_plane(self, space: Space, run: ClusteringRun) -> PcaMap | None:
        """Lay a seeded sample of the training images into the plane of their two components."""
        rows = space.train.rows
        drawn = np.random.default_rng(self.seed).permutation(len(rows))[:MAP_SAMPLE]
        if min(len(drawn), rows.shape[1]) < 2:
            return None
        drawn.sort()
        with self.timed("map"):
            sample = rows[drawn] / np.float32(space.train.unit)
            pca = PrincipalComponents(2).fit(sample)
            shares = pca.explained_variance_ratio_
            return PcaMap(
                run=run.name,
                indices=drawn,
                points=pca.transform(sample),
                centroids=pca.transform(run.centroids),
                explained=(float(shares[0]), float(shares[1])),
            )

    def repeat(self, space: Space, run: ClusteringRun) -> Stability:
        """Cluster as in a run with other seeds, and compare."""
        assignments = [run.train_assignments]
        with self.timed("stability"):
            for step in range(1, STABILITY_SEEDS + 1):
                seed = (self.seed + step) % 2**32
                message = f"{space.name}, k={run.n_clusters}, seed {seed}"
                self.progress(Event("stability", message, step=self.repeats_done, of=self.repeats))
                other = Clusterer(self.algorithm, run.n_clusters, seed)
                assignments.append(other.fit(space.train.rows).labels_)
                self.repeats_done += 1
            self.progress(Event("stability", step=self.repeats_done, of=self.repeats))
            return stability(assignments)

    def recognise(self) -> Recognition:
        """Fit the recogniser, and measure it."""
        from inkmeans.experiment.recognition import recognise_digits

        with self.timed("recognise"):
            return recognise_digits(
                self.digits, self.options.preset, seed=self.seed, progress=self.progress
            )

    def model_of(self, space: Space, run: ClusteringRun) -> ClusterModel | None:
        """Make a run into a model that can be kept, if centroids are all that it takes."""
        from inkmeans import __version__

        if not (self.algorithm.predicts and self.algorithm.nearest_centroid):
            return None
        return ClusterModel(
            image_shape=self.digits.images.shape[1:],
            features=run.features,
            centroids=run.centroids,
            learnt=space.learnt,
            classes=self.digits.names,
            mapping=run.mapping,
            info={
                "run": run.name,
                "dataset": run.dataset,
                "sha256": self.digits.source.sha256,
                "algorithm": run.algorithm,
                "seed": run.seed,
                "version": __version__,
            },
        )

    def contents(self, found: _Found, runs: Sequence[ClusteringRun] = ()) -> Contents:
        """Put what was found on record, with the runs of a space that is not done yet."""
        return Contents(
            digits=self.digits,
            runs=(*found.runs, *runs),
            config=self.options.to_dict(self.plan, self.digits.source.name),
            seed=self.seed,
            prepared=found.prepared,
            reductions=found.reductions,
            stability=found.stability,
            pca_map=found.pca_map,
            stages=self.stages,
            pages=tuple(sorted(self.pages)),
            model=found.model,
            recognition=found.recognition,
            skipped=found.skipped,
        )

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the seconds of a block to its stage."""
        begin = time.perf_counter()
        yield
        self.stages[stage] = self.stages.get(stage, 0.0) + time.perf_counter() - begin

    def _inside(self, space: Space, n_clusters: int) -> Callback:
        """Make a callback that places the iterations of a fit within the whole job."""

        def tell(event: Event) -> None:
            at = "seeding" if event.stage == "seed" else f"iteration {event.step}"
            scaled = None if event.inertia is None else event.inertia / space.train.unit**2
            told = Event("cluster", f"{space.name}, k={n_clusters}, {at}", inertia=scaled)
            self.progress(replace(told, step=self.clusters_done, of=self.clusters))

        return tell

    def _tell(self, message: str, inertia: float | None = None) -> None:
        self.progress(
            Event(
                "cluster",
                message,
                step=self.clusters_done,
                of=self.clusters,
                inertia=inertia,
                seconds=None if inertia is None else self.stages["cluster"],
            )
        )


def _check_size(algorithm: Algorithm, n_images: int) -> None:
    if algorithm.max_images is not None and n_images > algorithm.max_images:
        raise ParameterError(
            f"{n_images:,} training images are too many for {algorithm.name}",
            hint=f"it takes up to {algorithm.max_images:,}; choose another --algorithm",
        )
