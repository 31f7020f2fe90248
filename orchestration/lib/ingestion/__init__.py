"""Landing files into raw tables: each file exactly once, each row accounted for.

`load.load_landing` is the entry. Per file: a private copy is hashed (`files`), its header checked
and its lines read as text (`csv_reader`), values parsed by SQL expressions (`values`), identifiers
replaced by keyed hashes (`personal`), and rows and ledger row committed together (`ledger`).
"""
