"""Laws from columns of numbers and tables of model releases, with the error of the fit carried along."""

from mcrace.fit.fitting import Fit, fit_column, fit_releases
from mcrace.fit.writing import fit_record, inputs_of, inputs_yaml, write_fit

__all__ = ["Fit", "fit_column", "fit_record", "fit_releases", "inputs_of", "inputs_yaml", "write_fit"]
