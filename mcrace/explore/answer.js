// Draws the answer: a table and a histogram of each output, the start in grey behind.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 640;
const HEIGHT = 230;
const FOOT = 34;
const TICKS = 6;

function shape(name, settings) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(settings)) {
    element.setAttribute(key, String(value));
  }
  return element;
}

function made(name, text = "", className = "") {
  const element = document.createElement(name);
  element.textContent = text;
  if (className !== "") {
    element.className = className;
  }
  return element;
}

// Round numbers that cut a span into a few parts.
function ticks(low, high) {
  const raw = (high - low) / TICKS;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((part) => part * power).find((part) => part >= raw) ?? raw;
  const found = [];
  for (let place = Math.ceil(low / step); place * step <= high; place += 1) {
    found.push(place * step);
  }
  return { found, decimals: Math.max(0, -Math.floor(Math.log10(step))) };
}

function tickText(number, decimals) {
  const text = Math.abs(number).toLocaleString("en", { maximumFractionDigits: decimals });
  return number < 0 && text !== "0" ? `−${text}` : text;
}

function bars(shares, most, className) {
  const wide = WIDTH / shares.length;
  return shares
    .map((share, place) => [share, place])
    .filter(([share]) => share > 0)
    .map(([share, place]) => {
      const tall = Math.max((share / most) * (HEIGHT - FOOT - 4), 1);
      const y = HEIGHT - FOOT - tall;
      return shape("rect", { x: place * wide + 0.5, y, width: wide - 1, height: tall, class: className });
    });
}

function histogram(output) {
  const { low, high, start, now } = output.bars;
  const drawing = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  const [first, mean] = [output.rows[0], output.rows.find((row) => row.name === "mean")];
  drawing.setAttribute(
    "aria-label",
    `Histogram of ${output.label}: ${first.label.toLowerCase()} ${first.now}, mean ${mean.now} ${output.unit}; ` +
      `at the start ${first.start} and ${mean.start}`,
  );
  const most = Math.max(...start, ...now);
  const foot = HEIGHT - FOOT;
  const x = (value) => ((value - low) / (high - low)) * WIDTH;
  drawing.append(...bars(start, most, "bar-start"), ...bars(now, most, "bar-now"));
  drawing.append(shape("line", { x1: 0, x2: WIDTH, y1: foot, y2: foot, class: "axis" }));
  if (low < 0 && high > 0) {
    drawing.append(shape("line", { x1: x(0), x2: x(0), y1: 0, y2: foot, class: "zero" }));
  }
  const { found, decimals } = ticks(low, high);
  for (const value of found) {
    const place = x(value);
    const anchor = place < 24 ? "start" : place > WIDTH - 24 ? "end" : "middle";
    const text = shape("text", { x: place, y: HEIGHT - 8, "text-anchor": anchor, class: "tick" });
    text.textContent = tickText(value, decimals);
    drawing.append(shape("line", { x1: place, x2: place, y1: foot, y2: foot + 5, class: "axis" }), text);
  }
  return drawing;
}

function percent(share) {
  return `${Number((100 * share).toPrecision(2))} %`;
}

function caption(output) {
  const { below, above } = output.bars;
  const text = made("figcaption");
  text.append(made("span", "", "key key-start"), "start", made("span", "", "key key-now"), "now");
  const cut = [
    below > 0 ? `${percent(below)} lie further left` : "",
    above > 0 ? `${percent(above)} further right` : "",
  ].filter(Boolean);
  text.append(`; in ${output.unit || "plain numbers"}${cut.length > 0 ? `; ${cut.join(", ")}` : ""}`);
  return text;
}

function table(output) {
  const place = document.createElement("table");
  const head = place.createTHead().insertRow();
  for (const word of ["", "Start", "Now", "Change"]) {
    const cell = made(word === "" ? "td" : "th", word);
    if (word !== "") {
      cell.scope = "col";
    }
    head.append(cell);
  }
  const body = place.createTBody();
  for (const row of output.rows) {
    const line = body.insertRow();
    line.dataset.name = row.name;
    const label = made("th", row.label);
    label.scope = "row";
    line.append(label, made("td", row.start), made("td", row.now, "now"), made("td", row.change));
  }
  return place;
}

export function drawAnswer(place, outputs) {
  place.replaceChildren(
    ...outputs.map((output) => {
      const part = made("section", "", "output");
      part.dataset.output = output.name;
      const title = made("h3", `${output.label} `);
      title.append(made("span", output.unit === "" ? "" : `(${output.unit})`));
      const figure = document.createElement("figure");
      figure.append(histogram(output), caption(output));
      const two = made("div", "", "two");
      two.append(figure, table(output));
      part.append(title, two);
      return part;
    }),
  );
}

// On a phone the answer is far below what is moved: two lines of it stay in sight.
export function drawStrip(place, outputs) {
  place.replaceChildren(
    ...outputs.map((output) => {
      const mean = output.rows.find((row) => row.name === "mean");
      const share = output.rows.find((row) => row.name === (output.name === "incentive" ? "p_positive" : "p_negative"));
      const words = output.name === "incentive" ? "pays in" : "open releases lower it in";
      return made("p", `${words} ${share.now}; mean ${mean.now} ${output.unit} (${mean.change})`);
    }),
  );
}
