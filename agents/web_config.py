"""Who may read metrics over HTTP: Prometheus' web configuration file, the part of it that Sluicegate knows.

https://prometheus.io/docs/prometheus/latest/configuration/https/ says what its members mean.
"""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import yaml

__all__ = ["WebConfig", "WebConfigError", "load_web_config"]

T = TypeVar("T")

_LARGEST: Final = 64 * 1024
#: Rounds of bcrypt, as a power of two: more would keep a worker busy for seconds.
_MOST_COST: Final = 15
#: Of the last digit of the salt two bits count: with others bcrypt would refuse it at every login.
_HASH: Final = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")
_CLIENT_AUTH: Final = {
    "NoClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}
_VERSIONS: Final = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}
_FILES: Final = ("cert_file", "key_file", "client_ca_file")
_TLS_MEMBERS: Final = (*_FILES, "client_auth_type", "min_version")


class WebConfigError(Exception):
    """A web configuration that cannot be used; the text names every fault with its line."""


@dataclass(frozen=True)
class WebConfig:
    """What whoever reads metrics must have.

    Attributes
    ----------
    users
        Name to bcrypt hash; empty where no password is asked for.
    cert_file, key_file
        Of the server; None without TLS.
    client_ca_file
        Of the authorities of clients' certificates.
    client_auth
        Whether clients must show one.
    min_version
        The least version of TLS.
    """

    users: Mapping[str, str] = field(default_factory=dict)
    cert_file: Path | None = None
    key_file: Path | None = None
    client_ca_file: Path | None = None
    client_auth: ssl.VerifyMode = ssl.CERT_NONE
    min_version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2

    @property
    def tls(self) -> bool:
        """Whether TLS is spoken."""
        return self.cert_file is not None

    @property
    def guarded(self) -> bool:
        """Whether not everybody is answered."""
        return bool(self.users) or self.client_auth == ssl.CERT_REQUIRED

    def context(self) -> ssl.SSLContext | None:
        """Make the context of connections; None without TLS.

        Raises
        ------
        WebConfigError
            Where a file cannot be used.
        """
        if self.cert_file is None or self.key_file is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = self.min_version
        used = self.cert_file
        try:
            context.load_cert_chain(self.cert_file, self.key_file, password="")
            if self.client_ca_file is not None:
                used = self.client_ca_file
                context.load_verify_locations(self.client_ca_file)
        except OSError as error:
            reason = error.reason if isinstance(error, ssl.SSLError) else error.strerror
            raise WebConfigError(
                f"TLS of the metrics cannot be served with {used} ({str(reason or error).lower().replace('_', ' ')}); "
                "needed are PEM files of a certificate and its key, not encrypted, as cert_file and key_file name them"
            ) from error
        context.verify_mode = self.client_auth
        return context


class _Fault(NamedTuple):
    line: int
    text: str


def load_web_config(path: Path) -> WebConfig:
    """Read a web configuration; files that it names relative to its own folder.

    Parameters
    ----------
    path
        Of the file.

    Raises
    ------
    WebConfigError
        If it cannot be read, holds members that are not known, or values that cannot be used, or asks for nothing.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise WebConfigError(f"the web configuration {path} cannot be read: {error.strerror}") from error
    if len(content) > _LARGEST:
        raise WebConfigError(f"the web configuration {path} has more than {_LARGEST} bytes")
    try:
        root = yaml.compose(content, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise WebConfigError(f"{path}:{line}: no YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise WebConfigError(f"{path}: no YAML that can be read") from error
    reader = _Reader(path.parent)
    config = reader.read(root)
    if reader.faults:
        raise WebConfigError("; ".join(f"{path}:{fault.line}: {fault.text}" for fault in sorted(reader.faults)))
    if not config.tls and not config.users:
        raise WebConfigError(
            f"the web configuration {path} asks neither for TLS nor for a password, so it would protect nothing; write "
            "tls_server_config or basic_auth_users, or do without it"
        )
    return config


class _Reader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.faults: list[_Fault] = []

    def read(self, root: yaml.Node | None) -> WebConfig:
        if root is None:
            return WebConfig()
        tls: dict[str, str] = {}
        users: dict[str, str] = {}
        line = 1
        for key, value in self._members(root, "", ("tls_server_config", "basic_auth_users")):
            if key == "basic_auth_users":
                users = self._users(value)
            else:
                line = value.start_mark.line + 1
                tls = {name: self._text(each) for name, each in self._members(value, key, _TLS_MEMBERS)}
        files = {name: self._folder / tls[name] for name in _FILES if tls.get(name)}
        client_auth = self._chosen(tls, "client_auth_type", _CLIENT_AUTH, ssl.CERT_NONE, line)
        if tls and not {"cert_file", "key_file"} <= files.keys():
            self.faults.append(_Fault(line, "tls_server_config needs cert_file and key_file"))
        if ("client_ca_file" in files) != (client_auth != ssl.CERT_NONE):
            self.faults.append(
                _Fault(line, "client_ca_file goes with a client_auth_type that verifies, and that with it")
            )
        return WebConfig(
            users=users,
            client_auth=client_auth,
            min_version=self._chosen(tls, "min_version", _VERSIONS, ssl.TLSVersion.TLSv1_2, line),
            **files,
        )

    def _members(self, node: yaml.Node, of: str, known: tuple[str, ...]) -> list[tuple[str, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self._fault(node, f"{of or 'the file'} must be a mapping")
            return []
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name not in known:
                hint = f"known are {', '.join(known)}"
                self._fault(key, f"{of + '.' if of else ''}{name[:64]!s} is no member that is known here; {hint}")
            elif name in found:
                self._fault(key, f"{name} stands there twice")
            found[name] = value
        return [(name, value) for name, value in found.items() if name in known]

    def _users(self, node: yaml.Node) -> dict[str, str]:
        if not isinstance(node, yaml.MappingNode):
            self._fault(node, "basic_auth_users must be a mapping of names to bcrypt hashes")
            return {}
        users = {}
        for key, value in node.value:
            fits = _HASH.fullmatch(value.value) if isinstance(value, yaml.ScalarNode) else None
            if not isinstance(key, yaml.ScalarNode) or not key.value or ":" in key.value:
                self._fault(key, "a user's name is text without a colon")
            elif fits is None or not 4 <= int(fits[1]) <= _MOST_COST:
                # What stands there may be the password itself: it is not repeated.
                self._fault(
                    value, f"that is no bcrypt hash of a cost from 4 to {_MOST_COST}, as htpasswd -nBC 10 makes"
                )
            else:
                users[key.value] = value.value
        return users

    def _text(self, node: yaml.Node) -> str:
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        self._fault(node, "that must be text")
        return ""

    def _chosen(self, tls: Mapping[str, str], name: str, choices: Mapping[str, T], default: T, line: int) -> T:
        if not tls.get(name):
            return default
        if tls[name] not in choices:
            self.faults.append(_Fault(line, f"{name} must be one of {', '.join(choices)}"))
        return choices.get(tls[name], default)

    def _fault(self, node: yaml.Node, text: str) -> None:
        self.faults.append(_Fault(node.start_mark.line + 1, text))
