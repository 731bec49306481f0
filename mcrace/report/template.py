"""The templates of pages."""

from collections.abc import Mapping
from typing import Any

__all__ = ["rendered"]


def rendered(name: str, values: Mapping[str, Any]) -> str:
    """Fill a template of this room.

    Parameters
    ----------
    name : str
        File of the template.
    values : Mapping
        By the names that the template has for them. Texts are escaped; one that it lacks is an error.

    Returns
    -------
    str
        A whole HTML document.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("mcrace.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name).render(values)
