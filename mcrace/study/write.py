"""A study as YAML text that reads back as the same study."""

from collections.abc import Mapping
from typing import Any

import yaml

from mcrace.study.document import resolved_scalar

__all__ = ["study_yaml"]


def study_yaml(document: Mapping[str, Any]) -> str:
    """Write a study file.

    Parameters
    ----------
    document : Mapping
        A study as plain values.

    Returns
    -------
    str
        YAML 1.2, keys in the order given.

    Examples
    --------
    >>> print(study_yaml({"study": "tiny", "title": "1e9", "model": {"horizon_days": 730.0}}))
    study: tiny
    title: "1e9"
    model:
      horizon_days: 730.0
    <BLANKLINE>
    """
    return yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


class _Dumper(yaml.SafeDumper):
    """PyYAML writes by YAML 1.1: quote what YAML 1.2 would read as a number, and never use an alias."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401, ARG002
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # PyYAML breaks lines at characters that only escapes keep.
    style = '"' if _reads_as_other(text) or not text.replace("\n", "").isprintable() else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _reads_as_other(text: str) -> bool:
    try:
        return not isinstance(resolved_scalar(text), str)
    except ValueError:
        return True


_Dumper.add_representer(str, _represent_text)
