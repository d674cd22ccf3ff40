"""Forms of reports."""

from aidtracker.web.forms import Form


class ExportForm(Form):
    """One button; what is asked stands in hidden fields that read_options() reads."""
