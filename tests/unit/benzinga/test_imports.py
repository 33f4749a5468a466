"""What reading JSON must not cost."""

import subprocess
import sys

HEAVY = ("lxml", "trafilatura", "asyncpg", "temporalio", "litellm")
SCRIPT = f"""
import sys
import newsdesk.benzinga.files
import newsdesk.benzinga.payloads
print(",".join(name for name in {HEAVY!r} if name in sys.modules))
"""


def test_importing_the_file_source_loads_no_heavy_library() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout.strip() == ""
