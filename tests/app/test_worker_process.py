"""Worker processes that are killed do not keep the program from ending."""

import subprocess
import sys
from pathlib import Path

WORKER = '''
import os, struct, sys, time
from pathlib import Path

def send_half(mark: str) -> None:
    """Write the beginning of a result into the pipe, and stop there."""
    results = sys._getframe(1).f_locals["result_queue"]
    os.write(results._writer.fileno(), struct.pack("!i", 1_000_000) + b"half of a result")
    Path(mark).touch()
    time.sleep(600)
'''
PROGRAM = """
import multiprocessing, sys, time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from half_worker import send_half
from archiver.app.crawling.worker_process import kill_pool

if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
    pool.submit(send_half, sys.argv[1])
    while not Path(sys.argv[1]).exists():
        time.sleep(0.01)
    kill_pool(pool)
    print("killed", flush=True)
"""


def test_a_program_ends_when_a_worker_is_killed_while_it_sends_a_result(tmp_path: Path) -> None:
    (tmp_path / "half_worker.py").write_text(WORKER, encoding="utf-8")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, str(program), str(tmp_path / "sent")]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)  # else it waits for ever
    assert done.stdout == "killed\n"
