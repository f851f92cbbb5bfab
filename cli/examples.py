"""The examples below a command's help."""

__all__ = ["examples"]


def examples(*commands: str) -> str:
    """Lay out command lines as the end of a command's help.

    Parameters
    ----------
    *commands
        What to type, each a line; a remark may follow after ``#``.

    Returns
    -------
    str
        For the ``epilog`` of a command.
    """
    lines = [command.replace("[", "\\[") for command in commands]
    return "\n".join(["[bold]Examples[/bold]", *lines])
