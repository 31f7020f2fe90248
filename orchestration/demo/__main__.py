"""`python -m orchestration.demo`: writes the demo company's landing files, or its seeds."""

import argparse
import sys
import time
from pathlib import Path

from orchestration.demo import write_demo, write_seeds


def main(arguments: list[str]) -> int:
    """Parses the command line, writes, and says in one line what was written."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.demo", description=__doc__)
    parser.add_argument("--landing", type=Path, help="directory for the landing files")
    parser.add_argument("--truth", type=Path, help="file for the planted truths (JSON)")
    parser.add_argument("--scale", type=float, default=1.0, help="size; 1 is the full company")
    parser.add_argument("--seeds", type=Path, help="write the company's seeds here instead")
    chosen = parser.parse_args(arguments)
    if chosen.seeds is not None:
        names = write_seeds(chosen.seeds)
        print(f"{len(names)} seeds in {chosen.seeds}")
        return 0
    if chosen.landing is None or chosen.truth is None:
        parser.error("--landing and --truth are both needed (or --seeds).")
    began = time.monotonic()
    try:
        summary = write_demo(chosen.landing, chosen.truth, chosen.scale)
    except ValueError as error:
        parser.error(str(error))
    print(
        f"{summary.files} files, {sum(summary.rows.values()):,} rows, "
        f"{summary.bytes / 1e6:.1f} MB in {chosen.landing} "
        f"({time.monotonic() - began:.1f} s); truth in {chosen.truth}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
