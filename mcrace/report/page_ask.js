// The questions: an output, a scenario, a threshold and ranges of inputs; all of it stands in the address.

function makeAsk(draws) {
  const sorted = new Map(), state = { output: 0, scenario: 0, text: '0', ranges: [] };
  const [output, scenario, field, drag, input] =
    ['output', 'scenario', 'threshold', 'drag', 'input'].map((name) => byId(`ask-${name}`));
  const unit = () => draws.outputs[state.output];
  const withUnit = (before) => unit().unit && before + unit().unit;
  const threshold = () => parsed(state.text) * unit().factor;

  function sortedOf(kind, place) {
    const at = kind === 'input' && !draws.varies(state.scenario, place) ? 0 : state.scenario;
    const name = `${kind} ${at} ${place}`;
    if (!sorted.has(name)) sorted.set(name, draws[kind](at, place).slice().sort());
    return sorted.get(name);
  }

  // Ranges of inputs that the scenario fixes hold back nothing.
  function keptDraws() {
    const kept = new Uint8Array(draws.size).fill(1);
    for (const range of state.ranges.filter((each) => draws.varies(state.scenario, each.input))) {
      const values = draws.input(state.scenario, range.input), [low, high] = range.bounds.map(asPacked);
      values.forEach((value, at) => { if (!(value >= low && value <= high)) kept[at] = 0; });
    }
    return kept;
  }

  function tellTable(values, kept, mark) {
    const rows = [['P(> 0)', (v) => v > 0], ['P(= 0)', (v) => v === 0], ['P(< 0)', (v) => v < 0],
      ['P(> threshold)', (v) => v > mark], [`Mean${withUnit(', ')}`, null]];
    const every = new Uint8Array(draws.size).fill(1);
    byId('ask-table').tBodies[0].replaceChildren(...rows.map(([name, test]) => {
      const row = made('tr', ''), number = test ? (at) => Number(test(values[at])) : (at) => values[at];
      const before = meanOf(draws, number, every), after = meanOf(draws, number, kept);
      const parts = after.parts.map((part, at) => part - before.parts[at]);
      const one = told(draws, before, test), other = told(draws, after, test);
      const isKnown = Number.isFinite(one.error + other.error) || state.ranges.length === 0;
      const error = isKnown ? standardError(draws, parts) : NaN;
      const change = { value: other.value - one.value, error, half: draws.student * error };
      const cells = [one, other, change].map(({ value, error: own, half }, place) => {
        const { factor } = unit();
        const text = Number.isNaN(value) ? '–' : !test ? rounded(value / factor, half / factor)
          : place < 2 ? percent(value, half) : `${rounded(100 * value, 100 * half)} points`;
        return made('td', text, { class: 'number', 'data-value': value, 'data-error': own });
      });
      row.append(made('th', name, { scope: 'row' }), ...cells);
      return row;
    }));
  }

  function tellReading(values, kept, mark) {
    const share = meanOf(draws, (at) => Number(values[at] > mark), kept);
    const { value, error, half } = told(draws, share, true);
    const ends = [Math.max(value - half, 0), Math.min(value + half, 1)].map((end) => fixed(100 * end, 1));
    const what = `P(${unit().label} > ${significant(mark / unit().factor, 4)}${withUnit(' ')})`;
    const how = Number.isNaN(error) ? 'too few draws on one side of it to tell an error'
      : `standard error ${significant(100 * error, 2)} %, 95 % interval ${ends[0]} to ${ends[1]} %`;
    let lines = [`${what} = ${percent(value, half)}`, `${how}; from ${fixed(share.total, 0)} draws`];
    if (share.total === 0) lines = ['No draw is left to read from.', ''];
    if (Number.isNaN(mark)) lines = ['The threshold is not a number.', 'Write it as 2.5, -3 or 1e3.'];
    byId('ask-reading').replaceChildren(made('strong', lines[0]), made('span', lines[1]));
    Object.assign(byId('ask-reading').dataset, { value, error });
  }

  function tellPlot(values, kept, mark) {
    const svg = byId('ask-plot').firstElementChild, wide = svg.parentElement.clientWidth;
    const many = Math.min(Math.max(wide / 14, 20), 60);
    const bins = binned(values, sortedOf('output', state.output), kept, many);
    plot(svg, bins, unit().factor, mark);
    const name = `${unit().label}${withUnit(', ')}`;
    const cut = [...bins.all.slice(-2)].map((share) => `${fixed(100 * share, 1)} %`);
    const spikes = bins.spikes.slice(0, 6).map(({ atom, all, left }) =>
      ` Exactly ${significant(atom / unit().factor, 4)} (a line): ${fixed(100 * all, 1)} % of all draws, ` +
      `${fixed(100 * left, 1)} % of those kept.`);
    byId('ask-key').textContent = `${name}. Outline: all draws. Filled: the draws kept, orange below 0 and ` +
      `blue above. Cut off: ${cut[0]} of all draws at the left, ${cut[1]} at the right.${spikes.join('')}`;
    svg.setAttribute('aria-label', `Histogram of ${name}; the table below has its shares.`);
  }

  function tellLeft(kept) {
    const left = kept.reduce((sum, each) => sum + each, 0), few = left < 10 * draws.replicates;
    const idle = state.ranges.filter((each) => !draws.varies(state.scenario, each.input));
    byId('ask-left').className = few ? 'few' : '';
    byId('ask-left').textContent = `${fixed(left, 0)} of ${fixed(draws.size, 0)} draws kept.` +
      (left === 0 ? ' Widen a range: nothing can be read from none.'
        : few ? ' Few draws are left: even the errors are rough.' : '') +
      idle.map((each) => ` ${draws.inputs[each.input].label} is fixed here: its range does nothing.`).join('');
  }

  function tell() {
    const values = draws.output(state.scenario, state.output), kept = keptDraws();
    const mark = asPacked(threshold());
    field.setAttribute('aria-invalid', Number.isNaN(mark));
    tellReading(values, kept, mark);
    tellLeft(kept);
    tellTable(values, kept, mark);
    tellPlot(values, kept, mark);
  }

  // The address tells the question, so that what was found can be cited.
  function writeAddress() {
    const told = new URLSearchParams({
      output: unit().name, scenario: draws.scenarios[state.scenario].name, t: state.text,
    });
    for (const { input, fields } of state.ranges) {
      told.append(`in.${draws.inputs[input].name}`, fields.map((each) => each.value.trim()).join('..'));
    }
    history.replaceState(null, '', `#ask?${told}`);
    byId('ask').querySelector('a.anchor').href = `#ask?${told}`;
  }

  function readAddress() {
    if (!location.hash.startsWith('#ask?')) return;
    const told = new URLSearchParams(location.hash.slice(5));
    const placeOf = (list, name) => Math.max(list.findIndex((each) => each.name === name), 0);
    state.output = placeOf(draws.outputs, told.get('output'));
    state.scenario = placeOf(draws.scenarios, told.get('scenario'));
    state.text = told.get('t') ?? '0';
    while (state.ranges.length > 0) removeRange(state.ranges[0]);
    draws.inputs.forEach((item, place) => {
      const ends = told.get(`in.${item.name}`);
      if (ends !== null) addRange(place, ends.split('..'));
    });
    showState();
    byId('ask').scrollIntoView({ behavior: 'instant' });
  }

  function showState() {
    [output.value, scenario.value, field.value] = [state.output, state.scenario, state.text];
    byId('ask-unit').textContent = withUnit(', ');
    drag.value = rankOf(sortedOf('output', state.output), threshold());
    tell();
  }

  let waiting = 0;
  function changed() {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => { tell(); writeAddress(); });
  }

  // A range of an input: two fields and two sliders, which go by the share of draws below.
  function addRange(input, ends = ['', '']) {
    const item = draws.inputs[input], box = made('fieldset', '', { class: 'range' });
    const range = { input, box, bounds: [-Infinity, Infinity], fields: [], slides: [] };
    box.append(made('legend', item.label + (item.unit && `, ${item.unit}`)));
    ['from', 'to'].forEach((word, side) => {
      const label = made('label', `${word} `), name = `${item.label}, ${word}, by share of draws below`;
      const entry = made('input', '', { type: 'text', inputmode: 'decimal', placeholder: 'any' });
      const slide = made('input', '', { type: 'range', max: 1000, value: 1000 * side, 'aria-label': name });
      range.fields.push(entry);
      range.slides.push(slide);
      entry.addEventListener('input', () => { readField(range, side); changed(); });
      slide.addEventListener('input', () => { readSlide(range, side); changed(); });
      label.append(entry);
      box.append(label, slide);
      entry.value = ends[side] ?? '';
    });
    const remove = made('button', 'Remove', { type: 'button' });
    remove.append(made('span', ` the range of ${item.label}`, { class: 'unseen' }));
    remove.addEventListener('click', () => { removeRange(range); changed(); byId('ask-add').focus(); });
    box.append(remove);
    byId('ask-ranges').append(box);
    state.ranges.push(range);
    [0, 1].forEach((side) => readField(range, side));
    listInputs();
    return range;
  }

  function removeRange(range) {
    range.box.remove();
    state.ranges = state.ranges.filter((each) => each !== range);
    listInputs();
  }

  function readField(range, side) {
    const text = range.fields[side].value.trim(), open = side === 0 ? -Infinity : Infinity;
    const bound = text === '' ? open : parsed(text) * draws.inputs[range.input].factor;
    range.fields[side].setAttribute('aria-invalid', Number.isNaN(bound));
    range.bounds[side] = Number.isNaN(bound) ? open : bound;
    range.slides[side].value = range.bounds[side] === open ? 1000 * side
      : rankOf(sortedOf('input', range.input), range.bounds[side]);
    sayField(range, side);
  }

  function readSlide(range, side) {
    const place = Number(range.slides[side].value), { factor } = draws.inputs[range.input];
    const value = quantile(sortedOf('input', range.input), place / 1000) / factor;
    const text = Number.isFinite(value) ? String(outward(value, side === 1)) : 'never';
    range.fields[side].value = place === 1000 * side ? '' : text;
    const bound = parsed(range.fields[side].value) * factor;
    range.bounds[side] = place === 1000 * side ? (side === 0 ? -Infinity : Infinity) : bound;
    range.fields[side].setAttribute('aria-invalid', false);
    sayField(range, side);
  }

  function sayField(range, side) {
    range.slides[side].setAttribute('aria-valuetext', range.fields[side].value || 'any');
  }

  // An input that has a range is offered no second one.
  function listInputs() {
    const taken = new Set(state.ranges.map((range) => range.input));
    const free = [...draws.inputs.keys()].filter((place) => !taken.has(place));
    const option = (place) => made('option', draws.inputs[place].label, { value: place });
    input.replaceChildren(...free.map(option));
    byId('ask-add').disabled = free.length === 0;
  }

  function setThreshold(text) {
    state.text = text;
    field.value = text;
    drag.setAttribute('aria-valuetext', text + withUnit(' '));
    changed();
  }

  output.append(...draws.outputs.map((item, place) => made('option', item.label, { value: place })));
  scenario.append(...draws.scenarios.map((item, place) => made('option', item.name, { value: place })));
  output.addEventListener('change', () => {
    state.output = Number(output.value);
    showState();
    changed();
  });
  scenario.addEventListener('change', () => {
    state.scenario = Number(scenario.value);
    showState();
    changed();
  });
  field.addEventListener('input', () => {
    setThreshold(field.value);
    if (!Number.isNaN(threshold())) drag.value = rankOf(sortedOf('output', state.output), threshold());
  });
  drag.addEventListener('input', () => {
    const value = quantile(sortedOf('output', state.output), Number(drag.value) / 1000) / unit().factor;
    setThreshold(String(Number(value.toPrecision(3))));
  });
  byId('ask-add').addEventListener('click', () => {
    addRange(Number(input.value)).fields[0].focus();
    changed();
  });
  byId('ask-reset').addEventListener('click', () => {
    while (state.ranges.length > 0) removeRange(state.ranges[0]);
    Object.assign(state, { output: 0, scenario: 0, text: '0' });
    showState();
    changed();
  });
  addEventListener('hashchange', readAddress);
  addEventListener('resize', changedSize);
  function changedSize() {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(tell);
  }
  const [size, total, first] = [draws.size, draws.total, draws.points].map((number) => fixed(number, 0));
  byId('ask-notes').textContent = 'What follows a ± is half the width of the 95 % interval. The page holds ' +
    `${size} of the ${total} draws of each scenario, rounded by 0.002 % at most: the first ${first} ` +
    `of each of ${draws.replicates} replicates. The tables use all draws, so their errors are smaller. An error comes ` +
    'from the scatter of the replicates, by the t distribution; a share has none where fewer than four draws ' +
    'are on one side of it.';
  byId('ask-off').hidden = true;
  byId('ask-on').hidden = false;
  listInputs();
  showState();
  readAddress();
}

if (byId('draws') !== null) makeAsk(makeDraws(JSON.parse(byId('draws').textContent)));
