"""What tells errors that a user can mend from faults of the program."""


class MendableError(Exception):
    """Its message is one for users: it names the thing, its value and what to do about it."""
