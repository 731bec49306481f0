"""Keys of motives and circumstances: caution, the contest, regulation, beliefs."""

from mcrace.nomenclature.entries import Key

__all__ = ["MOTIVE_KEYS"]

_ASSUMED = "a modelling choice of mcrace, assumed"
_POST = "jessicata, 'How do open AI models affect incentive to race?', LessWrong, 7 May 2024"
_CAUTION_SOURCE = f"RobertM's comment on {_POST}; its form is {_ASSUMED}"
_GAP_SOURCE = f"Wei Dai's comment on {_POST}"
_CONTEST_SOURCE = (
    f"{_GAP_SOURCE}; S. Armstrong, N. Bostrom and C. Shulman, 'Racing to the precipice', AI & Society 31 "
    f"(2016) 201-206; its form is {_ASSUMED}"
)
_HAZARD_SOURCE = (
    "hazards and survival: D. R. Cox and D. Oakes, Analysis of Survival Data, Chapman and Hall, 1984; "
    f"their use here is {_ASSUMED}"
)
_CAUTION = (
    "caution: cost * ((f(z) - max(f(y), f(o(a)), f(w(a))))+)^exponent, on the day a on which z comes out, "
    "discounted"
)
_CONTEST = (
    "l = ln(own / best other); the lab wins at the hazard win_rate P(l) and loses at win_rate P(-l), "
    "P(l) = 1 / (1 + exp(-(l - lead)/softness)), the step l > lead at softness 0; flow: prize * hazard of "
    "winning * chance that the contest is still open"
)
_HALT = (
    "from a on, z is halted at the hazard halt_rate while the open level is x, halt_rate (1 - open_relief) "
    "while it is above x; S(t) the chance of no halt by t, each flow is S(t) * upgrade's + (1 - S(t)) * "
    "the halted path's"
)
_BELIEFS = (
    "with customers.count and ceiling times 1 + optimism in all cases: perceived_incentive = "
    "(1 - inattention) * incentive + inattention * incentive_frozen"
)

MOTIVE_KEYS = (
    Key(
        path="lab.caution.cost",
        meaning="What it costs the lab, in its own eyes, to advance the frontier by one unit of value: its "
        "caution.",
        unit="USD",
        default=0.0,
        low=0.0,
        formula=_CAUTION,
        source=_CAUTION_SOURCE,
    ),
    Key(
        path="lab.caution.exponent",
        meaning="How caution rises with the size of the advance: 1 in proportion, above 1 more steeply.",
        default=1.0,
        low=0.0,
        low_open=True,
        formula=_CAUTION,
        source=_CAUTION_SOURCE,
    ),
    Key(
        path="lab.strategic.prize",
        meaning="What winning for good a contest for a decisive lead is worth. A state that wants a gap "
        "rather than revenue is a lab with no customers, no operating cost and a prize.",
        unit="USD",
        default=0.0,
        low=0.0,
        formula=_CONTEST,
        source=_CONTEST_SOURCE,
    ),
    Key(
        path="lab.strategic.lead",
        meaning="Lead that decides the contest, as the logarithm of own level over the best other.",
        default=0.0,
        formula=_CONTEST,
        source=_CONTEST_SOURCE,
    ),
    Key(
        path="lab.strategic.softness",
        meaning="How soft the step at the decisive lead is; at 0 it is sharp.",
        default=0.0,
        low=0.0,
        formula=_CONTEST,
        source=_CONTEST_SOURCE,
    ),
    Key(
        path="lab.strategic.win_rate",
        meaning="Hazard at which a decisive lead wins the contest.",
        unit="a year",
        default=1.0,
        low=0.0,
        formula=_CONTEST,
        source=f"{_CONTEST_SOURCE}; {_HAZARD_SOURCE}",
    ),
    Key(
        path="regulation.halt_rate",
        meaning="Hazard at which a regulator halts z once it is out; a halted lab goes on with y.",
        unit="a year",
        default=0.0,
        low=0.0,
        formula=_HALT,
        source=_HAZARD_SOURCE,
    ),
    Key(
        path="regulation.open_relief",
        meaning="Share of that hazard that goes away once open models have moved past today's.",
        default=0.0,
        low=0.0,
        high=1.0,
        high_open=False,
        formula=_HALT,
        source=_ASSUMED,
    ),
    Key(
        path="beliefs.optimism",
        meaning="By how much the lab overrates its customers: 0.2 is 20 % too many, below 0 too few.",
        default=0.0,
        low=-1.0,
        low_open=True,
        formula=_BELIEFS,
        source=f"C. Camerer and D. Lovallo, Am. Econ. Rev. 89 (1999) 306-318; its form is {_ASSUMED}",
    ),
    Key(
        path="beliefs.inattention",
        meaning="Weight that the lab gives to a world in which open models stay as they are.",
        default=0.0,
        low=0.0,
        high=1.0,
        high_open=False,
        formula=_BELIEFS,
        source="X. Gabaix, 'Behavioral inattention', Handbook of Behavioral Economics 2 (2019) 261-343; its "
        f"form is {_ASSUMED}",
    ),
)
