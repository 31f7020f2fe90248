"""Driver steps: work that is not SQL, as Python between two selections of dbt's models.

A step computes one table of the schema `derived`. The dbt source `derived` describes the table and
says in its meta from which models it is computed; `registry` names the function; `plan` puts the
steps between the models; `tables` reads what a step needs and keeps what it gives. A model that
reads the source comes after the step, and a step after the models that it reads: nobody lists an
order. The same code serves both engines.
"""
