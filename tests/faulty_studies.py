"""Studies with one fault each, and what must be said of it and where."""

# ruff: noqa: E501 - one row a fault

__all__ = ["FAULTY", "STUDY", "changed"]

STUDY = """\
study: tiny
title: A tiny study
inputs:
  x: {law: {lognormal: {p05: 3.0e7, p95: 4.0e8}}, unit: USD, source: assumed}
  day: {law: {uniform: [0, 200]}}
  rate: 0.1
model:
  horizon_days: 730
  discount_rate: rate
  open:
    current_expense: x
    releases: [{day: day, expense: 3 * x}]
  lab: {current_expense: 2 * x, candidate_expense: 8 * x}
  value: {curve: log, scale: 0.4, reference: 1e6}
  customers: {count: 1e6}
scenarios:
  early: {inputs.day: 30}
sampling: {draws: 1024, method: sobol, replicates: 4, seed: 7}
"""

_DAY = "day: {law: {uniform: [0, 200]}}"
_RELEASES = "releases: [{day: day, expense: 3 * x}]"
_CURVE = "curve: log, scale: 0.4, reference: 1e6"
_LAB = "lab: {current_expense: 2 * x, candidate_expense: 8 * x}"
_SAMPLING = "{draws: 1024, method: sobol, replicates: 4, seed: 7}"
_UNKNOWN = "an unknown key"
_NOT_REACHED = "that no scenario can change"
_EARLY = "scenarios.early."
_CUSTOMERS = "customers: {count: 1e6}"
_AND_MARKET = _CUSTOMERS + "\n  market: {"
_AND_NICHES = _CUSTOMERS + "\n  niches: {list: ["
_PROCESS = "process: {first_day: 9, interval_days: 30, growth: 2, "
_EACH = "process: {first_day: 9, interval_days: 30, growth: {each: "
_LAW = "uniform: [0, 200]"
_CURVE_WHOLE = "{curve: log, scale: 0.4, reference: 1e6}"
_TITLE = "title: A tiny study\n"
_LATE = "title: A tiny study\ninputs:\n"
_AS_OF = "as_of: 2026-11-22\ninputs:\n  late: {unit: days, law: "
_PAIRS = "correlations: "
_ONE = "{weight: 1, is: {scale: 1, reference: 1e6}}"
_NOT_IN_ALL = "is the same in every scenario"
_DATE = "a date, year-month-day"
_NO_AS_OF = "in a study without as_of"
_EXPRESSION = "an expression such as"

# What stands in STUDY; what is put in its place, with « where the fault must be told; its path below
# the study; pieces of what was found and of what was expected; the nearest name.
FAULTY = [
    # misspelt keys, at every level
    ("title:", "«titel:", "titel", _UNKNOWN, "one of study, title", "title"),
    ("study: tiny", "«studi: tiny", "studi", _UNKNOWN, "one of study", "study"),
    ("model:\n", "«modle:\n", "modle", _UNKNOWN, "one of study", "model"),
    ("inputs:", "«imputs:", "imputs", _UNKNOWN, "one of study", "inputs"),
    ("scenarios:", "«scenario:", "scenario", _UNKNOWN, "one of study", "scenarios"),
    ("sampling:", "«samplign:", "samplign", _UNKNOWN, "one of study", "sampling"),
    ("title: A tiny study", "«author: me", "author", _UNKNOWN, "one of study", None),
    ("unit: USD", "«units: USD", "inputs.x.units", _UNKNOWN, "one of law, unit, label, source", "unit"),
    ("source: assumed", "«sorce: assumed", "inputs.x.sorce", _UNKNOWN, "one of law", "source"),
    ("{law: {lognormal", "{«lwa: {lognormal", "inputs.x.lwa", _UNKNOWN, "one of law", "law"),
    ("day: {law:", "day: {«laws:", "inputs.day.laws", _UNKNOWN, "one of law", "law"),
    (_DAY, "day: {«uniform: [0, 9], unit: d}", "inputs.day.uniform", _UNKNOWN, "law: {uniform", "law"),
    ("horizon_days:", "«horizon_day:", "model.horizon_day", _UNKNOWN, "one of horizon_days", "horizon_days"),
    ("discount_rate:", "«discont_rate:", "model.discont_rate", _UNKNOWN, "one of", "discount_rate"),
    ("    current_expense: x", "    «curent_expense: x", "model.open.curent_expense", _UNKNOWN, "one of", "current_expense"),
    ("releases:", "«release:", "model.open.release", _UNKNOWN, "one of current_expense, releases", "releases"),
    ("expense: 3 * x", "«expence: 3 * x", "model.open.releases.0.expence", _UNKNOWN, "one of day", "expense"),
    ("3 * x}", "3 * x, «size: 1}", "model.open.releases.0.size", _UNKNOWN, "one of day, expense", None),
    ("8 * x}", "8 * x, «training_day: 1}", "model.lab.training_day", _UNKNOWN, "one of", "training_days"),
    ("scale: 0.4", "«scael: 0.4", "model.value.scael", _UNKNOWN, "one of curve", "scale"),
    ("count: 1e6", "«cuont: 1e6", "model.customers.cuont", _UNKNOWN, "one of count", "count"),
    ("draws: 1024", "«draw: 1024", "sampling.draw", _UNKNOWN, "one of draws", "draws"),
    ("seed: 7", "«seeds: 7", "sampling.seeds", _UNKNOWN, "one of draws", "seed"),
    # misspelt laws, parameters, names and choices
    ("lognormal:", "«lognromal:", "inputs.x.law.lognromal", "'lognromal'", "the name of a law", "lognormal"),
    ("uniform:", "«unifrom:", "inputs.day.law.unifrom", "'unifrom'", "the name of a law", "uniform"),
    ("p05:", "«p5:", "inputs.x.law.lognormal.p5", "'p5'", "p01 to p99", "p05"),
    ("0, 200]", "0, 200], «bound: [1, 9]", "inputs.day.law.bound", _UNKNOWN, "one law, and bounds", "bounds"),
    ("rate: rate", "rate: «rat", "model.discount_rate", "the name 'rat'", "an input: x, day, rate", "rate"),
    ("rate: rate", "rate: «maxx(x, 1)", "model.discount_rate", "the function maxx", "one of exp", "max"),
    ("rate: rate", "rate: «tax", "model.discount_rate", "the name 'tax'", "an input", None),
    ("curve: log", "curve: «lgo", "model.value.curve", "'lgo'", "one of log, power, hill, table", "log"),
    ("method: sobol", "method: «sobl", "sampling.method", "'sobl'", "one of sobol", "sobol"),
    # wrong types
    ("title: A tiny study", "title: «[a]", "title", "a list", "text", None),
    ("title: A tiny study", 'title: «"a\\u202eb"', "title", "U+202E", "printable text", None),
    (_DAY, "day: «early", "inputs.day", "'early'", "a number or a law", None),
    (_DAY, "day: «true", "inputs.day", "true", "a number or a law", None),
    (_DAY, "day:«", "inputs.day", "nothing", "a number or a law", None),
    (_DAY, "day: {law: «[1]}", "inputs.day.law", "a list", "a number or a law", None),
    ("730", "«true", "model.horizon_days", "true", "a number above 0, a law, or an expression", None),
    ("730", "«[730]", "model.horizon_days", "a list", "a number above 0", None),
    ("730", "«2 years", "model.horizon_days", "'2 years'", "an expression such as", None),
    (_RELEASES, "releases: «{day: day, expense: x}", "model.open.releases", "a mapping", "a list", None),
    (_RELEASES, "releases: [«3]", "model.open.releases.0", "3", "a mapping of keys", None),
    (_LAB, "lab: «3", "model.lab", "3", "a mapping of keys", None),
    ("8 * x}", "8 * x, counts_training_cost: «yes}", "model.lab.counts_training_cost", "'yes'", "true or false", None),
    ("early: {inputs.day: 30}", "early: «3", "scenarios.early", "3", "a mapping of keys", None),
    (_SAMPLING, "«3", "sampling", "3", "a mapping of keys", None),
    # missing keys
    ("study: tiny\n", "«", "study", "nothing", "the key study", None),
    ("  horizon_days: 730\n  disc", "  «disc", "model.horizon_days", "nothing", "a number above 0", None),
    ("{day: day, expense: 3 * x}", "«{day: day}", "model.open.releases.0.expense", "nothing", "above 0", None),
    ("{curve: log, ", "«{curve: power, ", "model.value.exponent", "nothing", "(curve power needs it)", None),
    ("{curve: log, scale: 0.4, ", "«{", "model.value.scale", "nothing", "(curve log needs it)", None),
    ("{curve: log, ", "«{curve: table, ", "model.value.points", "nothing", "[level, value] pairs", None),
    # numbers out of range
    ("730", "«0", "model.horizon_days", "0", "a number above 0", None),
    ("730", "«.inf", "model.horizon_days", ".inf", "a number above 0, not infinite", None),
    ("730", "«.nan", "model.horizon_days", ".nan", "a number above 0", None),
    ("rate: rate", "rate: «-1", "model.discount_rate", "-1", "a number above -1", None),
    ("rate: rate", "rate: «rate - 2", "model.discount_rate", "rate - 2, which is -1.9", "above -1", None),
    ("rate: rate", "rate: «log(-rate)", "model.discount_rate", "which is .nan", "above -1", None),
    ("e: rate", "e: rate\n  «lab_: {}", "model.lab_", _UNKNOWN, "one of", "lab"),
    ("count: 1e6", "count: 1e6, price_discrimination: «1.5", "model.customers.price_discrimination", "1.5", "[0, 1]", None),
    ("draws: 1024", "draws: «0", "sampling.draws", "0", "a whole number of at least 1", None),
    ("draws: 1024", "draws: «1.5", "sampling.draws", "1.5", "a whole number", None),
    ("replicates: 4", "replicates: «1", "sampling.replicates", "1", "at least 2", None),
    ("seed: 7", "seed: «-1", "sampling.seed", "-1", "a whole number of at least 0", None),
    (_CURVE, "curve: table, points: «[[1, 2]]", "model.value.points", "a list of 1", "at least 2", None),
    (_CURVE, "curve: table, points: [[1, 2], «[3]]", "model.value.points.1", "a list of 1", "a pair", None),
    (_CURVE, "curve: table, points: [[3, 2], [«1, 4]]", "model.value.points.1.0", "1", "above 3", None),
    (_CURVE, "curve: table, points: [[1, 2], [3, «2]]", "model.value.points.1.1", "2", "above 2", None),
    (_CURVE, "curve: table, points: [[«0, 2], [3, 4]]", "model.value.points.0.0", "0", "a level above 0", None),
    # laws that cannot be, or can leave the range
    ("uniform: [0, 200]", "uniform: [200, «0]", "inputs.day.law.uniform.1", "0", "above 200", None),
    ("uniform: [0, 200]", "normal: {mean: 0, sd: «0}", "inputs.day.law.normal.sd", "0", "above 0", None),
    ("uniform: [0, 200]", "normal: «{mean: 0}", "inputs.day.law.normal", "only mean", "mean and sd", None),
    (", p95: 4.0e8", "", "inputs.x.law.lognormal", "only p05", "two quantiles", None),
    ("{uniform: [0, 200]}", "«{uniform: [0, 1], normal: [0, 1]}", "inputs.day.law", "2 laws", "one law", None),
    ("{uniform: [0, 200]}", "«{}", "inputs.day.law", "no law", "one law", None),
    ("0, 200]", "0, 200], bounds: «[300, 400]", "inputs.day.law.bounds", "[300, 400]", "probability", None),
    ("count: 1e6", "count: «{normal: {mean: 9, sd: 1}}", "model.customers.count", "a law on [-inf, inf]", "bounds", None),
    ("day: day,", "day: «{uniform: [-1, 9]},", "model.open.releases.0.day", "a law on [-1, 9]", "at least 0", None),
    ("count: 1e6", "count: 1e6, price_discrimination: «{uniform: [0, 2]}", "model.customers.price_discrimination", "a law on [0, 2]", "[0, 1]", None),
    # names
    ("tiny\n", "«../../etc\n", "study", "'../../etc'", "a slug", None),
    ("tiny\n", "«a/b\n", "study", "'a/b'", "a slug", None),
    ("tiny\n", "«..\n", "study", "'..'", "a slug", None),
    ("study: tiny", 'study: «"a\\0b"', "study", r"'a\x00b'", "a slug", None),
    ("early:", "«../evil:", "scenarios.../evil", "'../evil'", "a slug", None),
    ("early:", "«base:", "scenarios.base", "a scenario named base", "another name", None),
    ("  rate: 0.1", "  rate: 0.1\n  «max: 1", "inputs.max", "'max'", "no function", None),
    ("  rate: 0.1", "  rate: 0.1\n  «a-b: 1", "inputs.a-b", "'a-b'", "a name", None),
    ("  rate: 0.1", "  rate: 0.1\n  «lambda: 1", "inputs.lambda", "'lambda'", "expressions can read", None),
    # scenarios
    ("inputs.day: 30", "«inputs.dya: 30", _EARLY + "inputs.dya", "a new input 'dya'", "an input: x, day", "day"),
    ("inputs.day: 30", "«day: 30", _EARLY + "day", _NOT_REACHED, "below inputs or model", None),
    ("inputs.day: 30", "«sampling.seed: 1", _EARLY + "sampling.seed", _NOT_REACHED, "below inputs", None),
    ("inputs.day: 30", "«model: {}", _EARLY + "model", _NOT_REACHED, "below inputs or model", None),
    ("inputs.day: 30", "«model..x: 1", _EARLY + "model..x", "an empty name", "one dot", None),
    ("inputs.day: 30", "«inputs.day.lwa: 1", _EARLY + "inputs.day.lwa", _UNKNOWN, "one of law", "law"),
    ("inputs.day: 30", "inputs.day: {«unifrom: [0, 1]}", _EARLY + "inputs.day.unifrom", "'unifrom'", "a law", "uniform"),
    ("inputs.day: 30", "«model.horizon_day: 1", _EARLY + "model.horizon_day", _UNKNOWN, "one of", "horizon_days"),
    ("inputs.day: 30", "«model.lba.start_day: 1", _EARLY + "model.lba.start_day", _UNKNOWN, "one of", "lab"),
    ("inputs.day: 30", "model.horizon_days: «-1", _EARLY + "model.horizon_days", "-1", "above 0", None),
    ("inputs.day: 30", "«model.open.releases.1.day: 1", _EARLY + "model.open.releases.1.day", "member 1 of a list of 1", "below 1", None),
    ("inputs.day: 30", "«model.open.releases.first: 1", _EARLY + "model.open.releases.first", "member first", "below 1", None),
    ("inputs.day: 30", "«model.horizon_days.x: 1", _EARLY + "model.horizon_days.x", "a plain value", "sections", None),
    ("inputs.day: 30", "model.open.releases.0: «3", _EARLY + "model.open.releases.0", "3", "a mapping", None),
    ("inputs.day: 30", "model.value.curve: «hil", _EARLY + "model.value.curve", "'hil'", "one of log", "hill"),
    ("inputs.day: 30", "model.value: «{curve: log, scale: 1}", _EARLY + "model.value.reference", "nothing", "needs it", None),
    ("inputs.day: 30", "model.discount_rate: «q", _EARLY + "model.discount_rate", "the name 'q'", "an input", None),
    ("early: {inputs.day", "«early: {inputs.rate: -5} #", "scenarios.early (model.discount_rate)", "rate, which is -5", "above -1", None),
    ("early: {inputs.day", "«early: {inputs.day: -5} #", "scenarios.early (model.open.releases.0.day)", "day, which is -5", "at least 0", None),
    # mechanisms: misspelt keys and choices, wrong types
    (_CUSTOMERS, _AND_MARKET + "«condcut: logit}", "model.market.condcut", _UNKNOWN, "one of conduct, overlap", "conduct"),
    (_CUSTOMERS, _AND_MARKET + "conduct: «lgoit}", "model.market.conduct", "'lgoit'", "one of monopoly, undercutting", "logit"),
    (_CUSTOMERS, _AND_MARKET + "rivals: «{expense: 1e8}}", "model.market.rivals", "a mapping", "a list", None),
    (_CUSTOMERS, _AND_MARKET + "rivals: [{expense: 1e8, «day: 3}]}", "model.market.rivals.0.day", _UNKNOWN, "one of expense", None),
    (_CUSTOMERS, _CUSTOMERS + "\n  «makret: {}", "model.makret", _UNKNOWN, "one of horizon_days", "market"),
    (_CUSTOMERS, _CUSTOMERS + "\n  beliefs: «0.3", "model.beliefs", "0.3", "a mapping of keys", None),
    (_CUSTOMERS, _CUSTOMERS + "\n  beliefs:«", "model.beliefs", "nothing", "a mapping of keys", None),
    (_CUSTOMERS, _CUSTOMERS + "\n  regulation: {«halt: 1}", "model.regulation.halt", _UNKNOWN, "one of halt_rate, open_relief", "halt_rate"),
    (_CUSTOMERS, _AND_NICHES + "{name: «[a], share: 1}]}", "model.niches.list.0.name", "a list", "text", None),
    (_CUSTOMERS, _CUSTOMERS[:-1] + ", ceiling: «off}", "model.customers.ceiling", "the name 'off'", "an input", None),
    ("8 * x}", "8 * x, caution: «1e8}", "model.lab.caution", "100000000", "a mapping of keys", None),
    # mechanisms: what is needed, and one of two
    (_CUSTOMERS, _AND_MARKET[:-1] + "«{conduct: logit}", "model.market.differentiation", "nothing", "(conduct logit needs it)", None),
    (_CUSTOMERS, _AND_MARKET + "rivals: [«{release_day: 3}]}", "model.market.rivals.0.expense", "nothing", "above 0", None),
    (_CUSTOMERS, _AND_NICHES + "«{name: a}]}", "model.niches.list.0.share", "nothing", "at least 0", None),
    (_CURVE, _CURVE + ", satiation: «{spread: 1}", "model.value.satiation.median", "nothing", "above 0", None),
    (_RELEASES, "chase: «{fraction: 0.5}", "model.open.chase.lag_days", "nothing", "at least 0, or infinite", None),
    (_RELEASES, "process: «{first_day: 1, interval_days: 1, growth: 2}", "model.open.process.count", "nothing", "a whole number", None),
    (", candidate_expense: 8 * x}", "}", "model.lab.candidate_expense", "nothing", "or budget in its place", None),
    ("candidate_expense: 8 * x}", "«candidate_expnse: 8 * x}", "model.lab.candidate_expnse", _UNKNOWN, "one of", "candidate_expense"),
    ("candidate_expense: 8 * x}", "«bugdet: 8 * x}", "model.lab.bugdet", _UNKNOWN, "one of", "budget"),
    ("8 * x}", "8 * x, «budget: 1e9}", "model.lab.budget", "budget beside candidate_expense", "exactly one of", None),
    ("candidate_expense: 8", "budget: 1e9, «candidate_expense: 8", "model.lab.candidate_expense", "candidate_expense beside budget", "exactly one of", None),
    ("inputs.day: 30", "model.lab.budget: «1e9", _EARLY + "model.lab.budget", "beside candidate_expense", "exactly one of", None),
    ("early: {inputs.day", "«early: {model.market.conduct: logit} #", "scenarios.early (model.market.differentiation)", "nothing", "needs it", None),
    # mechanisms: numbers out of range
    (_CUSTOMERS, _AND_MARKET + "firms: «2.5}", "model.market.firms", "2.5", "a whole number of at least 1", None),
    (_CUSTOMERS, _AND_MARKET + "firms: «0}", "model.market.firms", "0", "a whole number of at least 1", None),
    (_CUSTOMERS, _AND_MARKET + "firms: «3 * rate}", "model.market.firms", "3 * rate, which is 0.3", "a whole number", None),
    (_CUSTOMERS, _AND_MARKET + "firms: «{uniform: [1, 4]}}", "model.market.firms", "numbers that are not whole", "discrete", None),
    (_CUSTOMERS, _AND_MARKET + "firms: «x}", "model.market.firms", "input x, a law of numbers", "a whole number", None),
    (_CUSTOMERS, _AND_MARKET + "firms: «{discrete: {values: [1, 2.5]}}}", "model.market.firms", "a law on [1, 2.5]", "whole", None),
    (_CUSTOMERS, _AND_MARKET + "firms: «.inf}", "model.market.firms", ".inf", "a whole number", None),
    (_CUSTOMERS, _AND_MARKET + "overlap: «1.5}", "model.market.overlap", "1.5", "[0, 1]", None),
    (_CUSTOMERS, _AND_MARKET + "rivals: [{expense: 1, release_day: «-1}]}", "model.market.rivals.0.release_day", "-1", "or infinite", None),
    (_CUSTOMERS, _AND_NICHES + "{share: 1, lab_aptitude: «0}]}", "model.niches.list.0.lab_aptitude", "0", "above 0", None),
    (_CUSTOMERS, "customers: {count: 1e6, ceiling: «1e5}", "model.customers.ceiling", "100000", "customers.count, which is 1000000", None),
    (_CUSTOMERS, "customers: {count: x * 0 + 1, ceiling: «-1}", "model.customers.ceiling", "-1", "at least 0", None),
    (_CUSTOMERS, "customers: {count: 1e6, ceiling: 2e6, growth_rate: «-0.1}", "model.customers.growth_rate", "-0.1", "with a ceiling", None),
    (_CUSTOMERS, "customers: {count: 1e6, ceiling: 2e6, growth_rate: «{uniform: [-0.1, 1]}}", "model.customers.growth_rate", "a law on [-0.1, 1]", "with a ceiling", None),
    (_CUSTOMERS, "customers: {count: 1e6, ceiling: 2e6, growth_rate: «rate - 1}", "model.customers.growth_rate", "which is -0.9", "with a ceiling", None),
    (_CUSTOMERS, "customers: {count: 1e6, ceiling: 2e6, growth_rate: «-2}", "model.customers.growth_rate", "-2", "above -1", None),
    (_CUSTOMERS, _AND_NICHES[:-1] + "«[{share: 0}, {share: 0 * rate}]}", "model.niches.list", "shares that are all 0", "one share above 0", None),
    ("inputs.day: 30", "model.customers.ceiling: «3", _EARLY + "model.customers.ceiling", "3", "customers.count, which is", None),
    # processes: counts that are certain, laws that are drawn anew
    (_RELEASES, _PROCESS + "count: «0}", "model.open.process.count", "0", "a whole number of at least 1", None),
    (_RELEASES, _PROCESS + "count: «1e99}", "model.open.process.count", "1e+99", "at most 10000", None),
    (_RELEASES, _PROCESS + "count: «day}", "model.open.process.count", "the expression 'day'", "never uncertain", None),
    (_RELEASES, _PROCESS + "count: «2 * m}", "model.open.process.count", "the expression '2 * m'", "never uncertain", None),
    (_RELEASES, _PROCESS + "count: «{discrete: {values: [1, 2]}}}", "model.open.process.count", "a law", "never uncertain", None),
    (_RELEASES, _EACH + "«3}, count: 2}", "model.open.process.growth.each", "3", "a law such as", None),
    (_RELEASES, _EACH + "«x}, count: 2}", "model.open.process.growth.each", "'x'", "a law such as", None),
    (_RELEASES, _EACH + "{«unifrom: [1, 2]}}, count: 2}", "model.open.process.growth.each.unifrom", "'unifrom'", "the name of a law", "uniform"),
    (_RELEASES, _EACH + "«{uniform: [0, 1], normal: [0, 1]}}, count: 2}", "model.open.process.growth.each", "2 laws", "one law", None),
    (_RELEASES, _EACH + "«{uniform: [-1, 1]}}, count: 2}", "model.open.process.growth.each", "a law on [-1, 1]", "above 0", None),
    (_RELEASES, _EACH + "{uniform: [1, 2]}, «bounds: [1, 2]}, count: 2}", "model.open.process.growth.bounds", _UNKNOWN, "each alone", None),
    (_RELEASES, _EACH + "{uniform: [1, 2]}}, count: «1001}", "model.open.process.count", "1001", "at most 1000", None),
    (_RELEASES, _EACH.replace("each", "«eahc") + "{uniform: [1, 2]}}, count: 2}", "model.open.process.growth.eahc", "'eahc'", "or each", "each"),
    (_RELEASES, _EACH + "{«each: {uniform: [1, 2]}}}, count: 2}", "model.open.process.growth.each.each", "'each'", "a law itself", None),
    ("730", "{«each: {uniform: [1, 2]}}", "model.horizon_days.each", "'each'", "growth", None),
    ("{uniform: [0, 200]}", "{«each: {uniform: [0, 200]}}", "inputs.day.law.each", "'each'", "a law itself", None),
    ("inputs.day: 30", "inputs.day: {«each: {uniform: [0, 9]}}", _EARLY + "inputs.day.each", "'each'", "a law itself", None),
    # numbers that are none, and words and dates that are no numbers
    ("rate: rate", "rate: «1,000", "model.discount_rate", "'1,000'", _EXPRESSION, None),
    ("730", "«1 000", "model.horizon_days", "'1 000'", _EXPRESSION, None),
    ("730", "«'730 days'", "model.horizon_days", "'730 days'", _EXPRESSION, None),
    ("730", "«-.inf", "model.horizon_days", "-.inf", "a number above 0", None),
    ("count: 1e6", "count: «no", "model.customers.count", "the name 'no'", "an input", None),
    ("count: 1e6", "count: «on", "model.customers.count", "the name 'on'", "an input", None),
    ("count: 1e6", "count: «false", "model.customers.count", "false", "a number of at least 0", None),
    ("count: 1e6", "count: «12:30", "model.customers.count", "'12:30'", _EXPRESSION, None),
    ("count: 1e6", "count: «5%", "model.customers.count", "'5%'", _EXPRESSION, None),
    ("count: 1e6", "count: «$5", "model.customers.count", "'$5'", _EXPRESSION, None),
    ("count: 1e6", "count: «2026-11-22", "model.customers.count", "the date 2026-11-22", "stands alone", None),
    ("count: 1e6", "count: «x +", "model.customers.count", "'x +'", _EXPRESSION, None),
    ("count: 1e6", "count: «x ^ 2", "model.customers.count", "'x ^ 2'", _EXPRESSION, "**"),
    ("rate: rate", "rate: «sqrt(rate, 2)", "model.discount_rate", "sqrt of 2", "sqrt of one argument", None),
    ("count: 1e6", "count: «__import__('os')", "model.customers.count", "the function __import__", "one of exp", None),
    ("seed: 7", "seed: «0x", "sampling.seed", "'0x'", "a whole number", None),
    ("seed: 7", "seed: 7, keep: «0", "sampling.keep", "0", "at least 1", None),
    ("draws: 1024", "draws: «1e13", "sampling.draws", "1e+13", "at most 1000000000000", None),
    ("replicates: 4", "replicates: «5000", "sampling.replicates", "5000", "at most 4096", None),
    # quantiles: each fault at its level
    (_LAW, "quantiles: {0.05: 1, 0.5: «0.5, 0.95: 3}", "inputs.day.law.quantiles.0.5", "0.5", "above 1, which stands at 0.05", None),
    (_LAW, "quantiles: {0.05: 1, «1.5: 3}", "inputs.day.law.quantiles.1.5", "'1.5'", "a level between 0 and 1", None),
    (_LAW, "quantiles: {«.0: 1, .5: 2, .9: 3}", "inputs.day.law.quantiles..0", "'.0'", "a level between 0 and 1", None),
    (_LAW, "quantiles: {0.05: 1, .5: «x}", "inputs.day.law.quantiles..5", "'x'", "a number", None),
    (_LAW, "quantiles: {p05: 1, «0.05: 3}", "inputs.day.law.quantiles.0.05", "'0.05'", "p05 is the same", None),
    (_LAW, "quantiles: {0.05: 1, «p95.5: 3}", "inputs.day.law.quantiles.p95.5", "'p95.5'", "a level", None),
    (_LAW, "quantiles: {0.05: 1, 0.95: «.inf}", "inputs.day.law.quantiles.0.95", "inf", "a number", None),
    (_LAW, "quantiles: «{0.05: 1}", "inputs.day.law.quantiles", "1 quantile", "at least two", None),
    (_LAW, "quantiles: «[1, 2]", "inputs.day.law.quantiles", "[1, 2]", "levels to values", None),
    ("inputs.day: 30", "inputs.day: {quantiles: {.05: 1, .5: «0.5}}", _EARLY + "inputs.day.quantiles..5", "0.5", "above 1", None),
    # three quantiles that a law cannot meet: it says what it would give
    (_LAW, "normal: {p05: 1, p50: «5, p95: 6}", "inputs.day.law.normal.p50", "5", "3.5, which this normal gives", None),
    (_LAW, "lognormal: {p05: 1, p50: «5, p95: 6}", "inputs.day.law.lognormal.p50", "5", "2.449, which", None),
    (_LAW, "uniform: {p05: 1, p50: «5, p95: 6}", "inputs.day.law.uniform.p50", "5", "3.5, which this uniform", None),
    (_LAW, "loguniform: {p05: 1, p50: «5, p95: 6}", "inputs.day.law.loguniform.p50", "5", "2.449, which", None),
    (_LAW, "beta: {p05: 0.1, p50: «0.11, p95: 0.9}", "inputs.day.law.beta.p50", "0.11", "0.5, which this beta", None),
    (_LAW, "gamma: {p05: 1, p50: «5, p95: 6}", "inputs.day.law.gamma.p50", "5", "2.784, which this gamma", None),
    (_LAW, "weibull: {p05: 1, p50: «5, p95: 6}", "inputs.day.law.weibull.p50", "5", "3.149, which this weibull", None),
    (_LAW, "exponential: {p05: 1, p50: «5}", "inputs.day.law.exponential.p50", "5", "13.51, which this", None),
    (_LAW, "student_t: {df: 4, p05: 1, p50: «5, p95: 6}", "inputs.day.law.student_t.p50", "5", "3.5, which this", None),
    (_LAW, "triangular: {p05: 1, p50: «1.01, p95: 6}", "inputs.day.law.triangular.p50", "1.01", "2.781, which", None),
    (_LAW, "pert: {p05: 1, p50: «1.01, p95: 6}", "inputs.day.law.pert.p50", "1.01", "2.353, which this pert", None),
    (_LAW, "triangular: «{p05: 1, mode: 3, p95: 6}", "inputs.day.law.triangular", "mode, p05, p95 together", "three quantiles", None),
    (_LAW, "lognormal: {p05: 1, «mode: 3, p95: 6}", "inputs.day.law.lognormal.mode", "'mode'", "p01 to p99", None),
    (_LAW, "poisson: «{p05: 1, p95: 6}", "inputs.day.law.poisson", "p05, p95", "mean and nothing else", None),
    # other laws, and what stands beside them
    (_LAW, "mixture: [{weight: 1, is: {uniform: [0, 200]}}, {weight: «-1, is: .inf}]", "inputs.day.law.mixture.1.weight", "-1", "above 0", None),
    (_LAW, "mixture: [{weight: 1, is: {«unifrom: [0, 2]}}, [1, .inf]]", "inputs.day.law.mixture.0.is.unifrom", "'unifrom'", "name of a law", "uniform"),
    (_LAW, "mixture: [{weight: 1, is: {uniform: [0, «x]}}, [1, .inf]]", "inputs.day.law.mixture.0.is.uniform.1", "'x'", "a number", None),
    (_LAW, "mixture: [«3, [0.5, 3]]", "inputs.day.law.mixture.0", "3", "a law or a number", None),
    (_LAW, "mixture: «[]", "inputs.day.law.mixture", "[]", "a list of", None),
    (_LAW, "empirical: {file: «none.csv, column: day}", "inputs.day.law.empirical.file", "no such file", "CSV or Parquet", None),
    (_LAW, "empirical: «{file: none.csv}", "inputs.day.law.empirical", "file", "file and column", None),
    (_LAW, "empirical: {file: «3, column: day}", "inputs.day.law.empirical.file", "3", "the path of", None),
    (_LAW, "scipy: {name: «nrom}", "inputs.day.law.scipy.name", "'nrom'", "continuous law of scipy.stats", "norm"),
    (_LAW, "scipy: {name: norm, scale: «-1}", "inputs.day.law.scipy.scale", "-1", "above 0", None),
    (_LAW, "scipy: {name: gamma, a: 2, «b: 3}", "inputs.day.law.scipy.b", "'b'", "one of name, a, loc", None),
    (_LAW, "discrete: {values: [1, «two]}", "inputs.day.law.discrete.values.1", "'two'", "a number", None),
    (_LAW, "discrete: {values: [1, 2], «wieghts: [1, 2]}", "inputs.day.law.discrete.wieghts", "'wieghts'", "values, weights", "weights"),
    (_LAW, "uniform: [0, 200], bounds: «[3, 1]", "inputs.day.law.bounds", "[3, 1]", "a low end below", None),
    (_LAW, "uniform: [0, 200], bounds: [3, «x]", "inputs.day.law.bounds.1", "'x'", "a number, or .inf", None),
    (_LAW, "uniform: [0, 200], bounds: «{low: 1, high: 3}", "inputs.day.law.bounds", "'low': 1", "a list of two", None),
    (_LAW, "uniform: [0, 200], bounds:«", "inputs.day.law.bounds", "nothing", "a list of two", None),
    (_LAW, "mixture: [[1, {uniform: [0, 2], bounds: «~}], [1, 3]]", "inputs.day.law.mixture.0.1.bounds", "nothing", "a list of two", None),
    (_LAW, "uniform: [0, 200], since: «3", "inputs.day.law.since", "3", "at most 0, or a date up to as_of", None),
    (_LAW, "uniform: [0, 200], since: «-400", "inputs.day.law.since", "come after 400 days for sure", "some chance", None),
    (_LAW, "uniform: [0, 200], since: «2026-01-01", "inputs.day.law.since", "'2026-01-01'", "with unit: days", None),
    (_LAW, "uniform: [0, 200], «sinse: -3", "inputs.day.law.sinse", "'sinse'", "bounds and since", "since"),
    (_DAY, "day: {law: {uniform: [0, 9]}, «since: -3}", "inputs.day.since", _UNKNOWN, "beside the law's name", "law"),
    # dates
    (_TITLE, "«as_off: 2026-11-22\n", "as_off", _UNKNOWN, "one of study", "as_of"),
    (_TITLE, "as_of: «2026-13-01\n", "as_of", "'2026-13-01'", _DATE, None),
    (_TITLE, "as_of: «22.11.2026\n", "as_of", "'22.11.2026'", _DATE, None),
    (_TITLE, "as_of: «20261122\n", "as_of", "20261122", _DATE, None),
    (_TITLE, "as_of: «2026-11-22T10:00\n", "as_of", "'2026-11-22T10:00'", _DATE, None),
    (_TITLE, "as_of: «yes\n", "as_of", "'yes'", _DATE, None),
    ("730", "«2027-01-01", "model.horizon_days", _NO_AS_OF, "as_of", None),
    ("inputs.day: 30", "inputs.day: «2027-01-01", _EARLY + "inputs.day", "'2027-01-01'", "with unit: days", None),
    ("inputs.day: 30", "model.open.releases.0.day: «2027-01-01", _EARLY + "model.open.releases.0.day", _NO_AS_OF, "as_of", None),
    (_LATE, _AS_OF + "«2027-02-30}\n", "inputs.late.law", "the date 2027-02-30, which no calendar has", "a date such as", None),
    (_LATE, _AS_OF + "{uniform: [2027-01-01, «2026-12-01]}}\n", "inputs.late.law.uniform.1", "2026-12-01, which is day 9", "above 40", None),
    (_LATE, _AS_OF + "{quantiles: {0.05: 2027-01-01, 0.5: «2026-12-01}}}\n", "inputs.late.law.quantiles.0.5", "which is day 9", "above 40", None),
    (_LATE, _AS_OF + "{quantiles: {0.05: 2027-01-01, 0.5: «2027-02-31}}}\n", "inputs.late.law.quantiles.0.5", "no calendar has", "a date such", None),
    (_LATE, _AS_OF + "{uniform: [0, 30], bounds: [«2027-13-01, 2028-01-01]}}\n", "inputs.late.law.bounds.0", "no calendar has", "a date", None),
    (_LATE, _AS_OF + "{normal: {mean: 2027-01-01, sd: «2027-01-01}}}\n", "inputs.late.law.normal.sd", "'2027-01-01'", "a number above 0", None),
    (_LATE, _AS_OF + "{uniform: [0, 30], since: «2027-01-01}}\n", "inputs.late.law.since", "which is day 40", "up to as_of", None),
    (_LATE, _AS_OF + "{uniform: [0, 30], since: «2026-01-01}}\n", "inputs.late.law.since", "2026-01-01: a law by which it has come", "some chance", None),
    # correlations
    ("sampling:", "«correlation: []\nsampling:", "correlation", _UNKNOWN, "one of study", "correlations"),
    ("sampling:", _PAIRS + "[[x, «dya, 0.4]]\nsampling:", "correlations.0.1", "the name 'dya'", "an input with a law: day, x", "day"),
    ("sampling:", _PAIRS + "[[x, «rate, 0.4]]\nsampling:", "correlations.0.1", "a plain number", "an input with a law", None),
    ("sampling:", _PAIRS + "[[x, «incentive, 0.4]]\nsampling:", "correlations.0.1", "the name 'incentive'", "an input", None),
    ("sampling:", _PAIRS + "[[x, day, «1.4]]\nsampling:", "correlations.0.2", "1.4", "a number in [-1, 1]", None),
    ("sampling:", _PAIRS + "[[x, day, «'0,4']]\nsampling:", "correlations.0.2", "'0,4'", "a number in [-1, 1]", None),
    ("sampling:", _PAIRS + "[«[x, day]]\nsampling:", "correlations.0", "a list of 2", "a pair and its rank correlation", None),
    ("sampling:", _PAIRS + "[[x, day, 0.4], «[day, x, 0.3]]\nsampling:", "correlations.1", "the pair day, x again", "entry 1", None),
    ("sampling:", _PAIRS + "{«copla: t, pairs: [[x, day, 0.4]]}\nsampling:", "correlations.copla", _UNKNOWN, "one of copula", "copula"),
    ("sampling:", _PAIRS + "«{copula: t, pairs: [[x, day, 0.4]]}\nsampling:", "correlations.degrees_of_freedom", "nothing", "copula t needs", None),
    ("sampling:", "correlations:«\nsampling:", "correlations", "nothing", "a list of pairs", None),
    # quantities
    ("sampling:", "«quantites: {gap: x}\nsampling:", "quantites", _UNKNOWN, "one of study", "quantities"),
    ("sampling:", "quantities: «[x]\nsampling:", "quantities", "a list", "a mapping of keys", None),
    ("sampling:", "quantities:«\nsampling:", "quantities", "nothing", "a mapping of keys", None),
    ("sampling:", "quantities: {gap: «dya * 2}\nsampling:", "quantities.gap", "the name 'dya'", "an input or output: x", "day"),
    ("sampling:", "quantities: {gap: «x *}\nsampling:", "quantities.gap", "'x *'", _EXPRESSION, None),
    ("sampling:", "quantities: {«x: x * 2}\nsampling:", "quantities.x", "'x'", "no input's", None),
    ("sampling:", "quantities: {«incentive: x * 2}\nsampling:", "quantities.incentive", "'incentive'", "no other column", None),
    ("sampling:", "quantities: {gap: {«expresion: x * 2}}\nsampling:", "quantities.gap.expresion", _UNKNOWN, "one of expression", "expression"),
    ("sampling:", "quantities: {gap: {expression: x, «lable: L}}\nsampling:", "quantities.gap.lable", _UNKNOWN, "one of expression", "label"),
    ("sampling:", "quantities: {gap: {expression: x, label: «[a]}}\nsampling:", "quantities.gap.label", "a list", "text", None),
    ("sampling:", "quantities: {gap: x, twice: «gap * 2}\nsampling:", "quantities.twice", "the name 'gap'", "cannot use another", None),
    ("rate: rate", "rate: «incentive", "model.discount_rate", "the name 'incentive'", "an input: x", None),
    # sections of which one alternative holds
    (_CURVE_WHOLE, f"{{one_of: «[{_ONE}]}}", "model.value.one_of", "a list of 1", "at least 2 alternatives", None),
    (_CURVE_WHOLE, f"{{one_of: [{_ONE}, {{«weigth: 1, is: {{scale: 1, reference: 1e6}}}}]}}", "model.value.one_of.1.weigth", _UNKNOWN, "one of weight, is", "weight"),
    (_CURVE_WHOLE, f"{{one_of: [{_ONE}, {{weight: 1, is: {{scale: «xx, reference: 1e6}}}}]}}", "model.value.one_of.1.is.scale", "the name 'xx'", "an input", "x"),
    (_CURVE_WHOLE, f"{{one_of: [{_ONE}, {{weight: 1, is: «{{scale: 1}}}}]}}", "model.value.one_of.1.is.reference", "nothing", "curve log needs it", None),
    (_CURVE_WHOLE, f"{{«oneof: [{_ONE}, {_ONE}]}}", "model.value.oneof", _UNKNOWN, "one of curve", "one_of"),
    (_CUSTOMERS, _AND_MARKET + "one_of: [{weight: 1, is: {}}, {weight: 1, is: {conduct: «cournt}}]}", "model.market.one_of.1.is.conduct", "'cournt'", "one of monopoly", "cournot"),
    # what scenarios may change
    ("inputs.day: 30", "«correlations.0.2: 0.3", _EARLY + "correlations.0.2", _NOT_REACHED, "correlations " + _NOT_IN_ALL, None),
    ("inputs.day: 30", "«quantities.gap: x", _EARLY + "quantities.gap", _NOT_REACHED, "quantities " + _NOT_IN_ALL, None),
    ("inputs.day: 30", "«quantities: {gap: x}", _EARLY + "quantities", _NOT_REACHED, "quantities " + _NOT_IN_ALL, None),
    ("inputs.day: 30", "«sampling: {draws: 3}", _EARLY + "sampling", _NOT_REACHED, "sampling " + _NOT_IN_ALL, None),
    ("inputs.day: 30", "«as_of: 2026-11-22", _EARLY + "as_of", _NOT_REACHED, "as_of " + _NOT_IN_ALL, None),
    ("inputs.day: 30", "«inptus.day: 3", _EARLY + "inptus.day", _NOT_REACHED, "below inputs or model", "inputs.day"),
    ("inputs.day: 30", "«modle.horizon_days: 3", _EARLY + "modle.horizon_days", _NOT_REACHED, "below inputs", "model.horizon_days"),
    ("early: {inputs.day: 30}", "early:«", "scenarios.early", "nothing", "a mapping of keys", None),
    ("early: {inputs.day: 30}", "«- early", "scenarios", "a list", "a mapping of keys", None),
    ("study: tiny", "study: tiny\nextends: «other.yaml", "extends", "'other.yaml'", "here is no file", None),
]  # fmt: skip


def changed(old: str, new: str) -> str:
    """Put a fault into the study; « goes in front of its place."""
    assert STUDY.count(old) == 1, old
    return STUDY.replace(old, new)
