"""``sluicegate model``: train, inspect, verify, sign, promote, compare bundles. Each command has a file of its own."""

import typer

from sluicegate.cli.examples import examples
from sluicegate.cli.model.calibrate import calibrate
from sluicegate.cli.model.card import card
from sluicegate.cli.model.compare import compare
from sluicegate.cli.model.evaluate import evaluate
from sluicegate.cli.model.import_ import import_pipeline
from sluicegate.cli.model.inspect import inspect
from sluicegate.cli.model.opinion import opinion_export, opinion_train
from sluicegate.cli.model.promote import promote, rollback, versions
from sluicegate.cli.model.sign import keygen, sign
from sluicegate.cli.model.thresholds import thresholds
from sluicegate.cli.model.train import train
from sluicegate.cli.model.transfer import transfer
from sluicegate.cli.model.verify import verify

app = typer.Typer(
    name="model", help="Train, inspect, verify, sign, promote and compare model bundles.", no_args_is_help=True
)
app.command(
    epilog=examples(
        "sluicegate model train posts.jsonl.gz --out bundles/mine --recipe mine.yaml --no-grammar",
        "sluicegate model train posts.jsonl.gz --out bundles/mine --version 2 --replace --assume mail:hate",
    )
)(train)
app.command(
    epilog=examples(
        "sluicegate model transfer mail.jsonl.gz chat.jsonl.gz --recipe mine.yaml --harm spam",
        "sluicegate model transfer posts.jsonl.gz --identity identities.jsonl.gz --json transfer.json",
    )
)(transfer)
app.command(
    name="import",
    epilog=examples(
        "sluicegate model import spam.joblib --name spam --harms spam",
        "sluicegate model import topics.joblib --name topics --harms spam=3,hate=4 --samples posts.jsonl",
    ),
)(import_pipeline)
app.command(epilog=examples("sluicegate model inspect", "sluicegate model inspect bundles/mine"))(inspect)
app.command(epilog=examples("sluicegate model verify bundles/mine"))(verify)
app.command(epilog=examples("sluicegate model keygen release.pem"))(keygen)
app.command(
    epilog=examples(
        "sluicegate model sign bundles/mine --key release.pem",
        "openssl pkey -in encrypted.pem | sluicegate model sign bundles/mine --key -",
    )
)(sign)
app.command(
    epilog=examples(
        "sluicegate model evaluate bundles/mine posts.jsonl.gz --json figures.json",
        "sluicegate model evaluate bundles/mine posts.jsonl.gz --threshold spam=0.4 --most 20000",
    )
)(evaluate)
app.command(
    epilog=examples(
        "sluicegate model card bundles/mine --evaluation figures.json --words mine.yaml --out card.html",
        "sluicegate model card > card.md",
    )
)(card)
app.command(
    epilog=examples(
        "sluicegate model thresholds bundles/mine --data posts.jsonl --ordinary traffic.jsonl",
        "sluicegate model thresholds bundles/mine --data posts.jsonl --harm spam --precision 0.9 --out bundles/mine-2",
        "sluicegate model thresholds bundles/mine --data posts.jsonl --hours 10 --minutes 2 --events-per-day 1000000",
    )
)(thresholds)
app.command(
    epilog=examples(
        "sluicegate model calibrate bundles/mine --data posts.jsonl --out bundles/mine-2",
        "sluicegate model calibrate bundles/mine --plain traffic.jsonl --prevalence spam=0.02 --replace",
    )
)(calibrate)
app.command(
    epilog=examples(
        "sluicegate model promote bundles/mine-2 store    # copies it into the store, and makes it current",
        "sluicegate model promote 2-7c1f0a9b3d52 store    # a version that is there",
    )
)(promote)
app.command(
    epilog=examples(
        "sluicegate model compare --hours 6 --json comparison.json   # of a running deployment",
        "sluicegate model compare decisions.jsonl.gz",
    )
)(compare)
app.command(epilog=examples("sluicegate model rollback store"))(rollback)
app.command(epilog=examples("sluicegate model versions store"))(versions)
app.command(epilog=examples("sluicegate model opinion-export all-MiniLM-L6-v2 --out encoder"))(opinion_export)
app.command(
    epilog=examples(
        "sluicegate model opinion-train posts.jsonl.gz --encoder encoder --out opinions/mine "
        "--attribution all-MiniLM-L6-v2 --licence Apache-2.0"
    )
)(opinion_train)
