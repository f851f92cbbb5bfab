"""All settings, read once from the environment (and a ``.env`` file) with the prefix ``SLUICEGATE_``, and validated.

Nothing else in the project reads the environment.
"""

from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from sluicegate.agents.log.codec import CodecName
from sluicegate.agents.names import DIGEST, GROUP, PREFIX_OF_TOPICS, TOPIC, in_words
from sluicegate.agents.security_settings import security_fault
from sluicegate.models import default_bundle_path
from sluicegate.policy import default_policy_path

__all__ = ["PREFIX", "Settings", "SettingsError", "load_settings"]

PREFIX: Final = "SLUICEGATE_"


_Topic = Annotated[str, Field(pattern=TOPIC)]
_Digest = Annotated[str, Field(pattern=DIGEST)]
_Port = Annotated[int, Field(ge=0, le=65535)]


class SettingsError(Exception):
    """Settings that cannot be used; the text names every wrong one, a line each."""


class Settings(BaseSettings):
    """How this process runs. Each field is the setting ``SLUICEGATE_`` and its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    brokers: Annotated[tuple[str, ...], NoDecode] = Field(
        ("127.0.0.1:9092",), description="host:port of the Kafka brokers to begin with, separated by commas"
    )
    group: str = Field("sluicegate", pattern=GROUP, description="id of the consumer group")
    instance: str | None = Field(
        None,
        pattern=GROUP,
        description="name of this worker in static membership: unique in the group, and the same after a restart",
    )
    bundle: Path = Field(
        default_factory=default_bundle_path,
        description="folder of the model bundle, or of a store of versions, whose current one is served and followed",
    )
    bundle_poll: float = Field(
        2.0, ge=0.1, le=3600, description="seconds between looks at what is promoted in stores of bundles"
    )
    shadow_bundle: Path | None = Field(
        None, description="bundle or store of a model that scores a share of the contents without effect; none if unset"
    )
    shadow_share: float = Field(0.1, gt=0, le=1, description="share of the contents that the shadow scores, by hash")
    split_bundle: Path | None = Field(
        None, description="bundle or store of a second model that decides a share of the contents; none if unset"
    )
    split_share: float = Field(0.1, gt=0, le=1, description="share of the contents that it decides, by hash")
    policy: Path = Field(default_factory=default_policy_path, description="file of the policy")
    opinion_bundle: Path | None = Field(None, description="folder of a second opinion; none if unset")
    opinion_share: float = Field(0.2, gt=0, le=1, description="share of its time that a worker gives second opinions")

    trusted_keys: Annotated[tuple[Path, ...] | None, NoDecode] = Field(
        None,
        description="files of public keys, or folders of them, separated by commas: bundles and policies must be "
        "signed with one; unset: they need not be signed",
    )
    pinned_bundles: Annotated[tuple[_Digest, ...] | None, NoDecode] = Field(
        None,
        description="digests, sha256:..., of the bundles and second opinions that may be used, separated by commas; "
        "any if unset",
    )

    languages: Annotated[tuple[str, ...], NoDecode] = Field(
        ("auto",),
        description="languages that a text may be identified as where its event names none: primary subtags, separated "
        "by commas; auto: those of the shipped model and of the policy's queues; off: none is identified",
    )
    language_confidence: float = Field(
        0.7, ge=0, le=1, description="confidence below which the language of a text counts as unknown"
    )

    events_topic: _Topic = Field("content.events", description="topic of the events")
    decisions_topic: _Topic = Field("content.decisions", description="topic of the decisions")
    dead_letters_topic: _Topic = Field("content.events.dlq", description="topic of the dead letters")
    redrives_topic: _Topic | None = Field(
        None,
        description="topic of what `dlq redrive` put back, one partition, compacted; unset: that of the dead letters "
        "with .redriven behind it",
    )
    outcomes_topic: _Topic = Field("review.outcomes", description="topic of the review outcomes")
    desk_state_topic: _Topic = Field("desk.state", description="topic of the desk's state, one partition, compacted")
    review_prefix: str = Field(
        "review.", pattern=PREFIX_OF_TOPICS, description="what the names of review topics begin with"
    )
    partitions: int = Field(6, ge=1, le=10_000, description="partitions of topics that `topics apply` creates")
    replication: int | None = Field(
        None, ge=1, le=32, description="replicas of topics that `topics apply` creates; the broker's default if unset"
    )

    metrics_port: _Port = Field(9464, description="port of metrics and health; 0 for any")
    metrics_host: str = Field("127.0.0.1", min_length=1, description="address that metrics and health are served on")

    metrics_web_config: Path | None = Field(
        None, description="file of who may read them, in the form of Prometheus' web configuration; everybody if unset"
    )
    metrics_username: str | None = Field(None, min_length=1, description="user name with which `status` reads them")
    metrics_password: SecretStr | None = Field(None, description="password with which `status` reads them")
    metrics_ca: Path | None = Field(
        None, description="file of the certificates that `status` trusts, which then reads them by HTTPS"
    )

    batch_max: int = Field(2_000, ge=1, le=100_000, description="records of a batch at the most")
    batch_bytes: int = Field(2 * 2**20, ge=2**20, le=64 * 2**20, description="bytes of a batch at the most")
    buffer_bytes: int = Field(
        32 * 2**20,
        ge=2**20,
        le=2**32,
        description="bytes of records read and not finished, above which no more are read",
    )
    compression: CodecName = Field(
        "snappy",
        description="of what is written: none, snappy (costs a worker least), lz4 or zstd (less than half as large)",
    )
    compiled: Literal["on", "off"] = Field(
        "on", description="off: Python serves alone, without the compiled kernels; looked up in the environment only"
    )
    delivery: Literal["at_least_once", "exactly_once"] = Field(
        "at_least_once",
        description="exactly_once: outputs and offsets are written in transactions, and consumers that read committed "
        "records only see each once",
    )
    transaction_interval: float = Field(
        0.1, ge=0.01, le=5, description="seconds of outputs that a transaction holds, with exactly_once"
    )
    commit_interval: float = Field(
        0.1, gt=0, le=60, description="seconds between commits of a busy stream; a quiet one is committed at once"
    )
    session_timeout: float = Field(
        10.0, ge=6, le=300, description="seconds after which the group gives a silent worker's partitions to others"
    )
    broker_wait: float = Field(60.0, ge=0, le=86_400, description="seconds that a start waits for a broker")
    broker_lost_wait: float | None = Field(
        None, gt=0, description="seconds without a broker after which a worker gives up; unset: it never does"
    )
    in_flight_deadline: float = Field(
        30.0,
        gt=0,
        le=600,
        description="seconds that a batch may be in flight while a broker is connected, or when partitions are taken "
        "away; then the worker ends, and the batch is read again",
    )
    progress_deadline: float = Field(
        60.0, gt=0, le=3600, description="seconds without progress, though there is lag, after which a worker is unwell"
    )
    pressure_after: float = Field(
        5.0,
        gt=0,
        le=86_400,
        description="seconds by which a worker is behind from which on second opinions, but on severe harms, and the "
        "shadow are left out",
    )
    dead_letter_share: float = Field(
        0.5, gt=0, le=1, description="share of dead letters in the stream above which the worker stops consuming"
    )
    dead_letter_window: float = Field(60.0, gt=0, le=3600, description="seconds for which that share must be exceeded")
    dead_letter_minimum: int = Field(
        100, ge=1, description="dead letters in that time, below which the worker never stops"
    )

    drift_window: float = Field(
        86_400.0,
        ge=600,
        le=30 * 86_400,
        description="seconds of the stream that are compared with the texts the model was measured on",
    )

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="how to talk to the brokers"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="how to log in"
    )
    sasl_username: str | None = Field(None, min_length=1, description="user name, with SASL")
    sasl_password: SecretStr | None = Field(None, description="password, with SASL")
    ssl_ca: Path | None = Field(None, description="file of the certificates to trust; the system's if unset")
    ssl_certificate: Path | None = Field(None, description="file of this client's certificate")
    ssl_key: Path | None = Field(None, description="file of this client's key")
    ssl_key_password: SecretStr | None = Field(None, description="password of that key, if it is encrypted")
    allow_plaintext_credentials: bool = Field(False, description="allow SASL without TLS")

    @field_validator("brokers", "languages", "trusted_keys", "pinned_bundles", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("brokers")
    @classmethod
    def _host_and_port(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("at least one host:port is needed")
        for broker in value:
            host, _, port = broker.rpartition(":")
            if "@" in host or not host or not port.isdecimal() or not 0 < int(port) < 65536:
                raise ValueError("each broker is host:port, as in kafka-1:9092,kafka-2:9092")
        return value

    @field_validator("trusted_keys", "pinned_bundles")
    @classmethod
    def _some(cls, value: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
        if value == ():
            # Never as if it were unset: that would let in everything.
            raise ValueError("at least one is needed; give one, or unset it")
        return value

    @field_validator("languages")
    @classmethod
    def _words_alone(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for word in {"auto", "off"} & set(value):
            if len(value) > 1:
                raise ValueError(f"{word} stands alone, or leave it out of the list")
        return value

    @model_validator(mode="after")
    def _security(self) -> Self:
        fault = security_fault(self)
        if fault is not None:
            raise ValueError(fault)
        return self

    @model_validator(mode="after")
    def _topics(self) -> Self:
        names = [
            self.events_topic,
            self.decisions_topic,
            self.dead_letters_topic,
            self.outcomes_topic,
            self.desk_state_topic,
            self.redrive_ledger,
        ]
        if len(set(names)) != len(names):
            raise ValueError(
                "SLUICEGATE_EVENTS_TOPIC, _DECISIONS_TOPIC, _DEAD_LETTERS_TOPIC, _OUTCOMES_TOPIC, _DESK_STATE_TOPIC "
                "and _REDRIVES_TOPIC must differ"
            )
        return self

    @property
    def redrive_ledger(self) -> str:
        """The topic of what was redriven."""
        return self.redrives_topic or f"{self.dead_letters_topic}.redriven"


def load_settings(**overrides: Any) -> Settings:
    """Read the settings.

    Parameters
    ----------
    **overrides
        Fields that a caller sets itself; the environment is not asked for them.

    Raises
    ------
    SettingsError
        With every wrong setting, by name, and what is allowed.
    """
    try:
        return Settings(**overrides)
    except ValidationError as fault:
        # Of a list, each wrong member is a fault of its own, and some are told alike.
        raise SettingsError("\n".join(dict.fromkeys(_describe(dict(error)) for error in fault.errors()))) from None
    except UnicodeDecodeError:
        raise SettingsError(".env, in this folder, is not UTF-8; write it as UTF-8, or move it away") from None


def _describe(error: dict[str, Any]) -> str:
    place = error["loc"]
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "string_pattern_mismatch":
        message = in_words(error["ctx"]["pattern"])
    if not place:
        return message
    name = str(place[0])
    field = Settings.model_fields.get(name)
    meaning = f" ({field.description})" if field is not None else ""
    return f"{PREFIX}{name.upper()}: {message[0].lower()}{message[1:]}{meaning}"
