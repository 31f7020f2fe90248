"""A made-up company whose history is generated: the same files, byte for byte, every time.

It sells home goods to consumers through a French and a British shop, and fit-outs to firms
through a sales team. Known effects are planted in its history and written to a truth file.
"""

from orchestration.demo.company import DemoSummary, write_demo
from orchestration.demo.seeds import write_seeds

__all__ = ["DemoSummary", "write_demo", "write_seeds"]
