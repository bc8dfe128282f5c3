"""One file an engine: the workload of `docs/benchmarks.md`, each in the environment of its own engine."""
