"""An Apache Kafka node with TLS, logins and permissions, as a cluster in production has them."""

import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from sluicegate.deploy.kafka.certificates import Authority
from sluicegate.deploy.kafka.node import KafkaNode
from sluicegate.deploy.kafka.ports import hold_ports

__all__ = ["Permission", "SecuredNode"]

_ADMIN: Final = "admin"
_ADMIN_PASSWORD: Final = "admin-of-a-test"  # noqa: S105 - of a node that lives as long as a test
_NODE: Final = "node"
#: Of the certificates that a client presents, the common name is its user.
_NAME_OF_CERTIFICATE: Final = "RULE:^.*CN=([^,]+).*$/$1/,DEFAULT"


class Permission(NamedTuple):
    """One permission of one user, as ``kafka-acls.sh --add`` gives it.

    Attributes
    ----------
    kind
        ``topic``, ``group``, ``transactional_id`` or ``cluster``.
    name
        Of the resource, or what its name begins with.
    operation
        As Kafka names it, in capitals with underscores.
    prefixed
        Whether `name` is what the resources' names begin with.
    """

    kind: str
    name: str
    operation: str
    prefixed: bool = False

    def acl(self, user: str) -> ACL:
        """Give it as kafka-python's admin client takes it."""
        pattern = ACLResourcePatternType.PREFIXED if self.prefixed else ACLResourcePatternType.LITERAL
        return ACL(
            principal=f"User:{user}",
            host="*",
            operation=ACLOperation[self.operation],
            permission_type=ACLPermissionType.ALLOW,
            resource_pattern=ResourcePattern(ResourceType[self.kind.upper()], self.name, pattern),
        )


class SecuredNode:
    """A node that wants a login (SCRAM-SHA-512, TLS) at one address and a client's certificate at another.

    Nothing is allowed that was not granted, but to the administrator.

    Parameters
    ----------
    folder
        Where settings, certificates, data and log go.

    Attributes
    ----------
    authority
        Whose certificates the node has and trusts.
    with_login, with_certificate, unencrypted, expired
        Addresses: for logins under TLS, for certificates of clients, for logins in plain text, and one at which the
        node shows a certificate that has expired.
    node
        To stop, kill and restart.
    """

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder / "certificates")
        ports = dict(
            zip(("SASL_SSL", "MUTUAL", "UNENCRYPTED", "EXPIRED", "CONTROLLER"), hold_ports(self, 5), strict=True)
        )
        self.with_login, self.with_certificate, self.unencrypted, self.expired = (
            f"127.0.0.1:{port}" for name, port in ports.items() if name != "CONTROLLER"
        )
        self.node = KafkaNode(
            folder,
            port=ports["SASL_SSL"],
            overrides=self._overrides(ports),
            client=self.client(_ADMIN, _ADMIN_PASSWORD),
            format_options=("--add-scram", f"SCRAM-SHA-512=[name={_ADMIN},password={_ADMIN_PASSWORD}]"),
        )

    def _overrides(self, ports: Mapping[str, int]) -> dict[str, str]:
        addresses = [f"{name}://127.0.0.1:{port}" for name, port in ports.items()]
        own, expired = self.authority.issue(_NODE, "127.0.0.1"), self.authority.issue("old", "127.0.0.1", expired=True)
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        return {
            "listeners": ",".join(addresses),
            "advertised.listeners": ",".join(each for each in addresses if not each.startswith("CONTROLLER")),
            "listener.security.protocol.map": "SASL_SSL:SASL_SSL,MUTUAL:SSL,UNENCRYPTED:SASL_PLAINTEXT,EXPIRED:SSL,"
            "CONTROLLER:SSL",
            "controller.quorum.voters": f"1@127.0.0.1:{ports['CONTROLLER']}",
            "inter.broker.listener.name": "MUTUAL",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(own.both),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.authority.trusted),
            "ssl.principal.mapping.rules": _NAME_OF_CERTIFICATE,
            "listener.name.mutual.ssl.client.auth": "required",
            "listener.name.controller.ssl.client.auth": "required",
            "listener.name.expired.ssl.keystore.type": "PEM",
            "listener.name.expired.ssl.keystore.location": str(expired.both),
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": scram,
            "listener.name.unencrypted.scram-sha-512.sasl.jaas.config": scram,
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:{_ADMIN};User:{_NODE}",
        }

    def __enter__(self) -> Self:
        self.node.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.node.stop()

    @property
    def administrator(self) -> dict[str, str]:
        """The login of the administrator, as settings have it."""
        return {"sasl_username": _ADMIN, "sasl_password": _ADMIN_PASSWORD}

    def client(self, user: str = _ADMIN, password: str = _ADMIN_PASSWORD) -> dict[str, Any]:
        """Give the arguments of a client that logs in, kafka-python's or aiokafka's."""
        return {
            "security_protocol": "SASL_SSL",
            "ssl_context": ssl.create_default_context(cafile=str(self.authority.trusted)),
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": user,
            "sasl_plain_password": password,
        }

    def admin(self) -> KafkaAdminClient:
        """Connect as the administrator, who may do everything; for the caller to close."""
        return KafkaAdminClient(bootstrap_servers=self.with_login, **self.client())

    def add_user(self, name: str, password: str) -> None:
        """Let a user log in with a password; one that is there gets the new one."""
        self._alter_user(name, UserScramCredentialUpsertion(name, ScramMechanism.SCRAM_SHA_512, password))

    def remove_user(self, name: str) -> None:
        """Let a user log in no longer."""
        self._alter_user(name, UserScramCredentialDeletion(name, ScramMechanism.SCRAM_SHA_512))

    def _alter_user(self, name: str, alteration: Any) -> None:
        with self.admin() as admin:
            fault = admin.alter_user_scram_credentials([alteration])[name]
        if fault:
            raise RuntimeError(f"the user {name} was not altered: {fault}")

    def grant(self, user: str, permissions: Iterable[Permission]) -> None:
        """Give a user permissions."""
        wanted = [each.acl(user) for each in permissions]
        with self.admin() as admin:
            failed = admin.create_acls(wanted)["failed"]
        if failed:
            raise RuntimeError(f"permissions were not granted: {failed}")

    def permissions(self, user: str) -> list[Permission]:
        """Give the permissions that a user has been granted, as the broker tells them."""
        wanted = ACLFilter(
            principal=f"User:{user}",
            host=None,
            operation=ACLOperation.ANY,
            permission_type=ACLPermissionType.ANY,
            resource_pattern=ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
        )
        with self.admin() as admin:
            found, _ = admin.describe_acls(wanted)
        return [
            Permission(
                acl.resource_pattern.resource_type.name.lower(),
                acl.resource_pattern.resource_name,
                acl.operation.name,
                acl.resource_pattern.pattern_type is ACLResourcePatternType.PREFIXED,
            )
            for acl in found
        ]

    def revoke(self, user: str, permissions: Iterable[Permission]) -> None:
        """Take permissions away."""
        with self.admin() as admin:
            admin.delete_acls([each.acl(user) for each in permissions])
