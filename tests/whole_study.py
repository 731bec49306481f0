"""A study that gives every section of the model, and through its scenarios every key."""

__all__ = ["WHOLE"]

WHOLE = """\
study: whole
inputs:
  x: {law: {lognormal: {p05: 3.0e7, p95: 4.0e8}}}
  firms: {law: {discrete: {values: [1, 2, 3]}}}
  share: 0.5
model:
  horizon_days: 730
  discount_rate: 0.1
  value:
    curve: log
    scale: 0.4
    reference: 1e6
    satiation: {median: 5, spread: {uniform: [0, 1]}}
  customers:
    count: 1e6
    growth_rate: {uniform: [0, 0.5]}
    ceiling: 5e6
    valuation_spread: 1
    price_discrimination: 0.2
    open_elasticity: -0.1
  market:
    conduct: logit
    overlap: 0.5
    firms: firms
    differentiation: {uniform: [0.1, 0.4]}
    open_substitutability: 0.9
    rivals:
      - {expense: 2 * x, release_day: 100, head_start: 0.1}
      - {expense: x, release_day: .inf}
  niches:
    list:
      - {name: code, share: share, lab_aptitude: 2, open_aptitude: 1, rival_aptitude: 0.5}
      - {name: 2, share: 1 - share}
    substitution: 0.3
  open:
    current_expense: x
    releases: [{day: 100, expense: 3 * x}]
    process:
      first_day: 50
      interval_days: {each: {lognormal: {p05: 50, p95: 300}}}
      growth: {each: {lognormal: {p05: 1.1, p95: 3}, bounds: [1, .inf]}}
      count: 4
    chase: {lag_days: 200, fraction: {uniform: [0.2, 0.8]}}
  lab:
    current_expense: 2 * x
    candidate_expense: 8 * x
    start_day: 10
    training_days: 90
    head_start: 0.1
    talent_elasticity: 0.2
    counts_training_cost: true
    operating_cost_per_day: 1e5
    continuation_value: 1e9
    prestige_per_day: 1e5
    lead_satiation: 2
    caution: {cost: 1e8, exponent: 2}
    strategic: {prize: 1e9, lead: 0.5, softness: 0.1, win_rate: 2}
  regulation: {halt_rate: 0.1, open_relief: 0.5}
  beliefs: {optimism: 0.2, inattention: 0.4}
scenarios:
  budget:
    model.lab: {current_expense: 2 * x, budget: 1e9, head_start: 0.5}
  power: {model.value: {curve: power, scale: 0.4, reference: 1e6, exponent: 0.3}}
  hill: {model.value: {curve: hill, ceiling: 5, half: 1e8, steepness: 0.5}}
  table: {model.value: {curve: table, points: [[1e6, 0], [1e10, 5]]}}
  fewer: {model.open.process.count: 2}
  more: {model.open.process.count: 6}
  steady: {model.open.process.growth: 1.5}
  other: {model.open.process.growth: {each: {uniform: [1, 2]}}}
sampling: {draws: 1024, replicates: 4, seed: 7}
"""
