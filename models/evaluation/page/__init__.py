"""An evaluation as one page of HTML that needs nothing from elsewhere. Needs the extra ``reports``."""

from sluicegate.models.evaluation.page.page import evaluation_page

__all__ = ["evaluation_page"]
