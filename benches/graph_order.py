"""Work in the order of a project's graph, for the floors of `floor.py` and `postgres.py`."""

import queue
import threading
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager


class GraphOrder:
    """Which nodes of a manifest wait for which, among those that there is something to do for."""

    def __init__(self, nodes: dict[str, dict], keys: Collection[str]) -> None:
        parents: dict[str, set[str]] = {}

        def of(key: str) -> set[str]:
            """What has something to do and is selected from, looking through ephemeral models."""
            if key not in parents:
                parents[key] = set()
                for parent in nodes[key].get("depends_on", {}).get("nodes", []):
                    if parent in keys:
                        parents[key].add(parent)
                    elif parent in nodes:
                        parents[key] |= of(parent)
            return parents[key]

        self.waiting = {key: len(of(key)) for key in keys}
        self.children: dict[str, list[str]] = {key: [] for key in keys}
        for key in keys:
            for parent in of(key):
                self.children[parent].append(key)

    def run(
        self,
        threads: int,
        session: Callable[[], AbstractContextManager[Callable[[str], None]]],
        error: type[BaseException],
    ) -> list[tuple[str, BaseException]]:
        """Does each node's work as soon as that of its parents is done, and gives what failed: then the rest is
        left. Each thread has a `session`, which gives what does the work of a node; failures are of type `error`."""
        waiting, left = dict(self.waiting), len(self.waiting)
        ready: queue.SimpleQueue = queue.SimpleQueue()
        lock = threading.Lock()
        failures: list[tuple[str, BaseException]] = []

        def worker() -> None:
            nonlocal left
            with session() as do:
                while (key := ready.get()) is not None:
                    try:
                        do(key)
                    except error as failure:
                        failures.append((key, failure))
                    with lock:
                        left -= 1
                        for child in self.children[key]:
                            waiting[child] -= 1
                            if not waiting[child]:
                                ready.put(child)
                        if not left or failures:
                            for _ in range(threads):
                                ready.put(None)

        for key in sorted(key for key, count in waiting.items() if not count):
            ready.put(key)
        workers = [threading.Thread(target=worker) for _ in range(threads)]
        for one in workers:
            one.start()
        for one in workers:
            one.join()
        return failures
