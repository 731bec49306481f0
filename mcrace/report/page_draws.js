// The draws of the page: how they are read, what is estimated from them, and their histogram.

// The draws: each column is base 64 of the first three bytes of each single-precision number.

function makeDraws(data) {
  const size = data.replicates * data.points, held = new Map();
  function column(place) {
    if (place < 0) return null;
    if (held.has(place)) return held.get(place);
    const bytes = atob(data.columns[place]);
    const byte = (at) => bytes.charCodeAt(at);
    const bits = Uint32Array.from({ length: bytes.length / 3 }, (_, at) =>
      byte(3 * at) << 24 | byte(3 * at + 1) << 16 | byte(3 * at + 2) << 8);
    const numbers = new Float32Array(bits.buffer);
    const values = numbers.length === size ? numbers : new Float32Array(size).fill(numbers[0]);
    held.set(place, values);
    return values;
  }
  const varies = (scenario, input) => {
    const place = data.scenarios[scenario].inputs[input];
    return place >= 0 && data.columns[place].length > 4;
  };
  return {
    ...data, size, varies,
    output: (scenario, output) => column(data.scenarios[scenario].outputs[output]),
    input: (scenario, input) => column(data.scenarios[scenario].inputs[input]),
  };
}

// A mean of the kept draws, and what each replicate adds to its error: the mean is a ratio of two sums over
// replicates, and with every draw kept its error is the scatter of the replicates' means.
function meanOf(draws, number, kept) {
  const sums = new Float64Array(draws.replicates), counts = new Float64Array(draws.replicates);
  for (let at = 0; at < draws.size; at++) {
    if (!kept[at]) continue;
    const replicate = Math.floor(at / draws.points);
    sums[replicate] += number(at);
    counts[replicate] += 1;
  }
  const total = counts.reduce((sum, each) => sum + each, 0);
  const value = sums.reduce((sum, each) => sum + each, 0) / total;
  return { value, sums, parts: sums.map((sum, at) => (sum - value * counts[at]) / total), total };
}

function standardError(draws, parts) {
  const many = draws.replicates;
  if (many < 2) return NaN;
  return Math.sqrt(many / (many - 1) * parts.reduce((sum, part) => sum + part * part, 0));
}

// Too few draws on one side of a mark tell no error, nor do counts of a net that differ by one at most.
function isUntold(draws, share) {
  const hits = share.sums.reduce((sum, each) => sum + each, 0);
  const fewest = Math.min(hits, share.total - hits);
  const spread = Math.max(...share.sums) - Math.min(...share.sums);
  return fewest < 4 || (share.total === draws.size && spread < 2 && fewest > draws.replicates / 2);
}

function told(draws, mean, isShare) {
  const error = isShare && isUntold(draws, mean) ? NaN : standardError(draws, mean.parts);
  return { value: mean.value, error, half: draws.student * error };
}

// A mark in the precision of the packed draws, so that a draw that equals it is told as equal.
function asPacked(value) {
  const single = new Float32Array([value]);
  const bits = new Uint32Array(single.buffer);
  bits[0] = Number.isFinite(value) ? (bits[0] + 0x80) & 0xffffff00 : bits[0];
  return single[0];
}

const quantile = (sorted, level) => sorted[Math.round(level * (sorted.length - 1))];

function rankOf(sorted, value) {
  const beyond = sorted.findIndex((each) => each >= value);
  return Math.round(1000 * (beyond < 0 ? 1 : beyond / Math.max(sorted.length - 1, 1)));
}

// Four digits, away from the draws that are to be kept.
function outward(value, up) {
  if (value === 0 || !Number.isFinite(value)) return value;
  const step = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 3), steps = value / step;
  return Number(((up ? Math.ceil(steps - 1e-9) : Math.floor(steps + 1e-9)) * step).toPrecision(4));
}

// The histogram: bars of the draws kept, the outline of all, a line for each value that many draws share.

function drawn(svg, tag, attributes, text = '') {
  const element = document.createElementNS(svg.namespaceURI, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  svg.append(element);
}

function atomsOf(sorted) {
  const atoms = [];
  for (let start = 0, at = 1; at <= sorted.length; at++) {
    if (at < sorted.length && sorted[at] === sorted[start]) continue;
    if (at - start >= Math.max(0.02 * sorted.length, 2)) atoms.push(sorted[start]);
    start = at;
  }
  return atoms;
}

function binned(values, sorted, kept, wished) {
  const finite = sorted.filter(Number.isFinite), atoms = atomsOf(sorted);
  let low = quantile(finite, 0.01) ?? 0, high = quantile(finite, 0.99) ?? 0;
  if (low === high) [low, high] = [low - (Math.abs(low) / 2 || 1), high + (Math.abs(high) / 2 || 1)];
  const step = (high - low) / wished, start = Math.floor(low / step) * step;
  const many = Math.floor((high - start) / step) + 1;
  // The last two places of each are what lies below and above the view.
  const all = new Float64Array(many + 2), left = new Float64Array(many + 2);
  const spikes = new Map(atoms.map((atom) => [atom, { atom, all: 0, left: 0 }]));
  const total = kept.reduce((sum, each) => sum + each, 0);
  values.forEach((value, at) => {
    const spike = spikes.get(value), place = Math.floor((value - start) / step);
    const bin = place < 0 ? many : place >= many ? many + 1 : place;
    if (spike) { spike.all += 1 / values.length; spike.left += kept[at] / total; return; }
    all[bin] += 1 / values.length;
    left[bin] += total > 0 ? kept[at] / total : 0;
  });
  return { start, step, many, all, left, spikes: [...spikes.values()], total };
}

function niceStep(span, wished) {
  const raw = span / wished, power = 10 ** Math.floor(Math.log10(raw));
  return power * [1, 2, 5, 10].find((each) => each * power >= raw);
}

function plot(svg, bins, factor, mark) {
  const width = Math.max(svg.parentElement.clientWidth, 240), height = 230, foot = 24, head = 26;
  const end = bins.start + bins.many * bins.step, floor = height - foot;
  const peak = Math.max(...bins.all.slice(0, bins.many), ...bins.left.slice(0, bins.many)) || 1;
  const x = (value) => (value - bins.start) / (end - bins.start) * width;
  const y = (share) => floor - Math.min(share / peak, 1) * (floor - head);
  svg.replaceChildren();
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  let outline = `M0 ${floor}`;
  for (let at = 0; at < bins.many; at++) {
    const left = x(bins.start + at * bins.step), wide = width / bins.many;
    const side = bins.start + (at + 0.5) * bins.step < 0 ? 'below' : 'above';
    drawn(svg, 'rect', { class: side, x: left, width: wide, y: y(bins.left[at]),
      height: floor - y(bins.left[at]) });
    outline += `V${y(bins.all[at])}H${left + wide}`;
  }
  drawn(svg, 'path', { class: 'all', d: `${outline}V${floor}` });
  for (const spike of bins.spikes.filter(({ atom }) => atom >= bins.start && atom <= end)) {
    const side = spike.atom < 0 ? 'below' : spike.atom > 0 ? 'above' : 'zero', at = x(spike.atom);
    drawn(svg, 'line', { class: 'all', x1: at, x2: at, y1: floor, y2: y(spike.all) });
    drawn(svg, 'line', { class: `spike ${side}`, x1: at, x2: at, y1: floor, y2: y(spike.left) });
  }
  drawn(svg, 'line', { class: 'axis', x1: 0, x2: width, y1: floor, y2: floor });
  const tick = niceStep((end - bins.start) / factor, Math.max(width / 80, 3));
  const decimals = Math.max(-Math.floor(Math.log10(tick) + 1e-9), 0);
  for (let at = Math.ceil(bins.start / factor / tick); at * tick * factor <= end; at++) {
    const place = x(at * tick * factor);
    drawn(svg, 'line', { class: 'axis', x1: place, x2: place, y1: floor, y2: floor + 4 });
    const anchor = place < 18 ? 'start' : place > width - 18 ? 'end' : 'middle';
    drawn(svg, 'text', { x: place, y: height - 5, 'text-anchor': anchor }, fixed(at * tick, decimals));
  }
  if (!(mark >= bins.start && mark <= end)) return;
  const place = x(mark), anchor = place < 50 ? 'start' : place > width - 50 ? 'end' : 'middle';
  drawn(svg, 'line', { class: 'mark', x1: place, x2: place, y1: 18, y2: floor });
  drawn(svg, 'text', { x: place, y: 13, 'text-anchor': anchor }, 'threshold');
}
