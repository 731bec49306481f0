"""Keys of the market: conduct, rivals, niches."""

from mcrace.nomenclature.entries import Key

__all__ = ["MARKET_KEYS"]

_ASSUMED = "a modelling choice of mcrace, assumed"
_CONDUCT = (
    "J. Tirole, The Theory of Industrial Organization, MIT Press, 1988, chapters 1, 5 and 7; "
    "logit as for market.differentiation"
)
_BERTRAND = "J. Bertrand, Journal des Savants (1883) 499-508"
_COURNOT = (
    "A. A. Cournot, Recherches sur les principes mathématiques de la théorie des richesses, Hachette, 1838"
)
_LOGIT = (
    "S. P. Anderson, A. de Palma and J.-F. Thisse, Discrete Choice Theory of Product Differentiation, "
    "MIT Press, 1992, chapter 7"
)
_UNDERCUTTING = "(1 - overlap) (F(c) - Fo)+ + overlap (F(c) - max(Fo, F(w_1), ...))+, times R"
_RIVAL = "w(t) = expense + head_start o(t) from release_day on, o(t) the open level at that time"
_NICHES = (
    "in niche i a model of level c with aptitudes A counts as c max(A_i, substitution max A); "
    "margin = sum of share_i margin_i / sum of shares"
)

MARKET_KEYS = (
    Key(
        path="market.conduct",
        meaning="How sellers compete for the customers of a model.",
        kind="choice",
        default="monopoly",
        choices=("monopoly", "undercutting", "cournot", "logit"),
        formula="margin / R: monopoly (F(c) - Fo)+; undercutting (1 - overlap) (F(c) - Fo)+ + overlap "
        "(F(c) - max(Fo, F(w_1), ...))+; cournot (F(c) - Fo)+ 4 / (firms + 1)^2; logit: the "
        "Bertrand-Nash profit mu s / (1 - s)",
        source=_CONDUCT,
    ),
    Key(
        path="market.overlap",
        meaning="Share of the customers for whom the rivals' models do as well as the lab's, when sellers "
        "undercut each other.",
        default=1.0,
        low=0.0,
        high=1.0,
        high_open=False,
        formula=f"undercutting: {_UNDERCUTTING}",
        source=f"{_BERTRAND}; a share of customers that does not overlap is {_ASSUMED}",
    ),
    Key(
        path="market.firms",
        meaning="Number of equal sellers, the lab included, under cournot.",
        default=1.0,
        low=1.0,
        whole=True,
        formula="cournot: margin = (F(c) - Fo)+ 4 / (firms + 1)^2, times R; linear demand",
        source=_COURNOT,
    ),
    Key(
        path="market.differentiation",
        meaning="How much customers' tastes differ between sellers under logit: the scale of the random "
        "part of a customer's value. Near 0 the best model takes all.",
        unit="USD per customer and day",
        off=1.0,
        chooser="market.conduct",
        needed_by=("logit",),
        low=0.0,
        low_open=True,
        formula="mu: shares s_j proportional to exp((F_j - p_j)/mu), the open model at price 0; "
        "p_j = mu / (1 - s_j); profit mu s / (1 - s); without rivals mu W(exp((F(c) - Fo)/mu - 1))",
        source=_LOGIT,
    ),
    Key(
        path="market.open_substitutability",
        meaning="Share of an open model's value that customers count: below 1, hosting, support and habit "
        "keep them with sellers.",
        default=1.0,
        low=0.0,
        high=1.0,
        high_open=False,
        formula="Fo = G(open_substitutability f(o))",
        source=_ASSUMED,
    ),
    Key(
        path="market.rivals[].expense",
        meaning="Level of a rival seller's model, as far as it is the rival's own.",
        unit="USD",
        low=0.0,
        low_open=True,
        formula=_RIVAL,
        source=_ASSUMED,
    ),
    Key(
        path="market.rivals[].release_day",
        meaning="Day from which the rival sells its model; infinite, or at or beyond the horizon: never.",
        unit="days",
        default=0.0,
        low=0.0,
        high_open=False,
        formula=_RIVAL,
        source=_ASSUMED,
    ),
    Key(
        path="market.rivals[].head_start",
        meaning="Share of the open level that the rival adds to its own: what it takes from open models.",
        default=0.0,
        low=0.0,
        high=1.0,
        high_open=False,
        formula=_RIVAL,
        source=_ASSUMED,
    ),
    Key(
        path="niches.list[].name",
        meaning="Name of a niche of the market, for the reader.",
        kind="text",
        default="",
        formula="none: it changes no number",
        source=_ASSUMED,
    ),
    Key(
        path="niches.list[].share",
        meaning="Weight of the niche among customers; the weights of all niches are divided by their sum.",
        low=0.0,
        formula=_NICHES,
        source=_ASSUMED,
    ),
    Key(
        path="niches.list[].lab_aptitude",
        meaning="How far the lab's models count in this niche; 1 is their level itself.",
        default=1.0,
        low=0.0,
        low_open=True,
        formula=_NICHES,
        source=_ASSUMED,
    ),
    Key(
        path="niches.list[].open_aptitude",
        meaning="How far open models count in this niche; 1 is their level itself.",
        default=1.0,
        low=0.0,
        low_open=True,
        formula=_NICHES,
        source=_ASSUMED,
    ),
    Key(
        path="niches.list[].rival_aptitude",
        meaning="How far the rivals' models count in this niche; 1 is their level itself.",
        default=1.0,
        low=0.0,
        low_open=True,
        formula=_NICHES,
        source=_ASSUMED,
    ),
    Key(
        path="niches.substitution",
        meaning="How well a generalist serves a niche that is not its own: share of its largest aptitude "
        "that counts in every niche.",
        default=0.0,
        low=0.0,
        high=1.0,
        high_open=False,
        formula=_NICHES,
        source=_ASSUMED,
    ),
)
