"""What only people can say of a model: who answers for it, what it is for and what it is not for."""

import msgspec

__all__ = ["CardText"]


class CardText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parts of a card that no manifest and no evaluation holds. Texts are Markdown; lists are points.

    Without words of one's own the card says what holds for any model of Sluicegate, and that nobody is named.
    """

    license: str = "other"
    developed_by: str = "Not stated."
    repository: str = "Not stated."
    contact: str = "Not stated: say who answers for this model with `--words`."
    citation: str = "None."
    direct_use: tuple[str, ...] = (
        "Putting texts that people publish in an order in which other people review them, with Sluicegate's policies.",
        "Finding texts worth a look in an archive, and estimating how common a harm is, after re-calibration on "
        "labelled texts of that archive.",
    )
    downstream_use: tuple[str, ...] = (
        "As one signal among others in a policy, with thresholds set on the traffic that it will see.",
        "As a start for training on one's own labelled texts.",
    )
    out_of_scope: tuple[str, ...] = (
        "Acting against a person without anyone looking, where an error cannot be undone.",
        "Judging people rather than texts: employment, credit, policing, immigration, education.",
        "Emergencies: a low score for self-harm or violence does not mean that nobody is in danger.",
        "Texts in languages that are not named below, speech transcripts, source code, pictures.",
    )
    risks: tuple[str, ...] = (
        "Labels are the judgement of annotators; they disagree with each other and with the people that the texts are "
        "about.",
        "The model sees words and their fragments, not who speaks to whom: quoting, reclaiming, counter-speech and "
        "irony are mistaken for what they quote.",
        "People who are moderated learn what passes. Figures age; measure again on fresh texts.",
    )
    recommendations: tuple[str, ...] = (
        "Measure on labelled texts of your own with `sluicegate model evaluate` before anything depends on the model.",
        "Set thresholds on your own ordinary texts, and look at false alarms by language and by who is spoken of.",
        "Keep a human decision behind every consequence, a way to appeal, and a random sample that is reviewed "
        "whatever its score.",
    )
    environment: str = "Trained on a CPU. Energy and emissions were not measured, so no figure is given."
