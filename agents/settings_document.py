"""``docs/settings.md``, made from the settings."""

from sluicegate.agents.settings import PREFIX, Settings

__all__ = ["settings_document"]

_HEAD = """# Settings

<!-- Generated from agents/settings.py: `make generate` -->

All settings are read once, from the environment and from a file `.env` in the working directory; the environment
wins. What is wrong with them is said all at once, by name, and ends the process with exit code 2. That is for the
settings themselves, and for files of certificates and keys that are missing or broken: those of `SLUICEGATE_SSL_*`,
`SLUICEGATE_METRICS_CA` and `SLUICEGATE_TRUSTED_KEYS`. Where a setting is well formed and anything else that it names is
missing or broken (a bundle, a policy, a broker, a topic, `SLUICEGATE_METRICS_WEB_CONFIG` or a file that it names), the
command fails with exit code 1; a worker leaves out a shadow or a split that is so. Variables that begin with
`SLUICEGATE_` and are no settings are ignored, and every command that reads settings says so on stderr.

| setting | default | meaning |
| --- | --- | --- |
"""


def settings_document() -> str:
    """Give the reference of all settings in Markdown."""
    rows = []
    for name, field in Settings.model_fields.items():
        if field.default_factory is not None:
            default = "the shipped one"
        elif field.default is None:
            default = "unset"
        else:
            value = field.default
            default = (
                f"`{','.join(value) if isinstance(value, tuple) else str(value).lower() if value is False else value}`"
            )
        rows.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |\n")
    return _HEAD + "".join(rows)
