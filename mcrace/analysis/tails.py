"""How heavy a tail is, as far as quantiles show it."""
import numpy as np
from mcrace.nomenclature.statistics import LEVELS
_NOISE=4.0
def tail_indices(q, draws):
    at=lambda l: q[..., LEVELS.index(l)]
    with np.errstate(all="ignore"):
        up=np.log((at(.99)-at(.95))/(at(.95)-at(.75)))/np.log(5)
        lo=np.log((at(.05)-at(.01))/(at(.25)-at(.05)))/np.log(5)
    f=lambda x: np.where(np.isfinite(x),x,-np.inf)
    return f(lo), f(up), _NOISE/np.sqrt(draws)
def carried_by_tail(h, corr):
    return (h>-0.1)&(np.abs(corr)>=.97)
