"""The benchmarks run with the program as it is now. The tests run them with the smallest sizes only."""

import ast
import importlib
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "benchmarks"
BENCHMARKS = sorted(FOLDER.rglob("*.py"))
RUNS = {
    "store": "import store; store.READS = 2; assert store.compare(store.Portal('small', 1), 1, 2, 0)['bytes']",
    "archive_size": "import archive_size, pathlib; assert archive_size.measure(pathlib.Path(), 1, 2).visits == 2",
    "bench_site": "import bench_site, pathlib; assert bench_site.measure(pathlib.Path(), 2, 3, 1)[0].covered == 6",
    "many": "import many, pathlib; many.build(pathlib.Path('archive.db'), 3, 2)",
    "million": "import million, pathlib; million.ask_words(pathlib.Path('words.db'), 9, lambda work: work() and 0.0)",
    "extract": "import extract; assert extract.measure(1, 1)[0].right",
}


@pytest.mark.parametrize("path", BENCHMARKS, ids=[path.stem for path in BENCHMARKS])
def test_each_name_that_a_benchmark_imports_exists(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "archiver":
            module = importlib.import_module(str(node.module))
            missing = [name.name for name in node.names if not hasattr(module, name.name)]
            assert [name for name in missing if find_spec(f"{node.module}.{name}") is None] == []


@pytest.mark.parametrize("name", RUNS)
def test_a_benchmark_runs_with_the_smallest_sizes(name: str, tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(FOLDER)!r}); {RUNS[name]}"
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
