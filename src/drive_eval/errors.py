"""The one kind of error whose text may be printed: it names places and rules, never a value of a case."""


class UserError(ValueError):
    """Something a user can put right; the command line prints its text and no traceback."""
