// One value of a study: number fields with sliders, and the whole as text. All words of a study are shown
// as text, never as markup.

const STEPS = 1000;
const DIGITS = 3;

let count = 0;

function made(name, settings = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(settings)) {
    if (key === "class") {
      element.className = value;
    } else if (value !== undefined) {
      element.setAttribute(key, value);
    }
  }
  element.append(...children);
  return element;
}

// As a study file writes numbers: 9e7, and infinity as .inf.
function numberText(number) {
  const rounded = Number(number.toPrecision(DIGITS));
  return Math.abs(rounded) >= 1e5 ? rounded.toExponential().replace("e+", "e") : String(rounded);
}

function numberOf(text) {
  const trimmed = text.trim().replaceAll("_", "");
  return trimmed === "" ? NaN : Number(trimmed);
}

function slid(slider, step) {
  const share = step / STEPS;
  const { low, high } = slider;
  const number = slider.by_factors ? low * (high / low) ** share : low + (high - low) * share;
  return numberText(slider.whole ? Math.round(number) : number);
}

function stepOf(slider, number) {
  const { low, high } = slider;
  const share = slider.by_factors
    ? number > 0 ? Math.log(number / low) / Math.log(high / low) : 0
    : (number - low) / (high - low);
  return Math.round(STEPS * Math.min(Math.max(share, 0), 1));
}

export class Control {
  constructor(record, moved) {
    count += 1;
    this.id = `control-${count}`;
    this.start = record;
    this.path = record.path;
    this.label = record.label;
    this.text = record.text;
    this.moved = moved;
    this.pieces = record.pieces;
    this.fields = [];
    this.isBuilt = "";
    this.build(record);
  }

  isChanged() {
    return this.text !== this.start.text;
  }

  matches(words) {
    return `${this.label} ${this.path} ${this.start.note}`.toLowerCase().includes(words);
  }

  build(record) {
    const legend = made("legend", {}, record.label);
    if (record.unit !== "") {
      legend.append(" ", made("span", { class: "unit" }, `(${record.unit})`));
    }
    const reset = made("button", { type: "button", class: "reset" }, "Reset");
    reset.setAttribute("aria-label", `Reset ${record.label}`);
    reset.addEventListener("click", () => {
      this.reset();
      this.moved();
    });
    this.numbers = made("div");
    this.fault = made("p", { class: "fault", id: `${this.id}-fault`, hidden: "" });
    this.whole = record.choices.length > 0 ? this.choice(record) : this.line(record);
    this.element = made("fieldset", { class: "control", "data-path": record.path }, legend, reset, this.numbers);
    if (record.numbers.length > 0 && record.choices.length === 0) {
      this.element.append(made("details", {}, made("summary", {}, "As text, source"), ...this.more(record)));
    } else {
      this.element.append(made("div", {}, ...this.more(record)));
    }
    this.element.append(this.fault);
    this.buildNumbers(record);
  }

  more(record) {
    const parts = [this.whole];
    const words = record.note === "" ? record.path : `${record.path}: ${record.note}`;
    parts.push(made("p", { class: "note" }, words));
    return parts;
  }

  line(record) {
    const line = made("input", { type: "text", class: "text", autocomplete: "off", spellcheck: "false" });
    line.setAttribute("aria-label", `${record.label}: a number, a law or an expression`);
    line.value = record.text;
    line.addEventListener("input", () => {
      this.text = line.value.trim() === this.start.text ? this.start.text : line.value;
      this.mark();
      this.moved();
    });
    return line;
  }

  choice(record) {
    const names = record.choices.includes(record.text) ? record.choices : [...record.choices, record.text];
    const list = made("select", { "aria-label": record.label }, ...names.map((name) => new Option(name, name)));
    list.value = record.text;
    list.addEventListener("change", () => {
      this.text = list.value;
      this.mark();
      this.moved();
    });
    return list;
  }

  // The fields of the numbers that stand in the text.
  buildNumbers(record) {
    this.pieces = record.pieces;
    this.isBuilt = record.text;
    const numbers = record.choices.length > 0 ? [] : record.numbers;
    this.fields = numbers.map((number, place) => this.field(number, place));
    this.numbers.replaceChildren(...this.fields.map((field) => field.row));
  }

  field(number, place) {
    const id = `${this.id}-${place}`;
    const words = [number.name, "of", this.label].slice(number.name === "" ? 2 : 0).join(" ");
    const input = made("input", { type: "text", inputmode: "decimal", id, autocomplete: "off", spellcheck: "false" });
    input.setAttribute("aria-label", words);
    input.value = number.text;
    const row = made("div", { class: "number" }, made("label", { for: id }, number.name === "" ? "Number" : number.name));
    const field = { row, input, slider: null, record: number };
    if (number.slider === null) {
      row.append(made("span"));
    } else {
      field.slider = made("input", { type: "range", min: "0", max: String(STEPS), step: "1" });
      field.slider.setAttribute("aria-label", `Slider: ${words}`);
      this.place(field);
      field.slider.addEventListener("input", () => {
        input.value = slid(number.slider, Number(field.slider.value));
        field.slider.setAttribute("aria-valuetext", input.value);
        this.join();
      });
    }
    input.addEventListener("input", () => {
      this.place(field);
      this.join();
    });
    row.append(...(field.slider === null ? [] : [field.slider]), input);
    return field;
  }

  place(field) {
    const number = numberOf(field.input.value);
    if (field.slider !== null && Number.isFinite(number)) {
      field.slider.value = String(stepOf(field.record.slider, number));
      field.slider.setAttribute("aria-valuetext", field.input.value);
    }
  }

  // Puts the text together from its pieces and the numbers between them.
  join() {
    this.text = this.pieces[0] + this.fields.map((field, at) => field.input.value + this.pieces[at + 1]).join("");
    this.isBuilt = this.text;
    this.whole.value = this.text;
    this.mark();
    this.moved();
  }

  // What mcrace has read: new fields where the text was typed as a whole.
  take(record) {
    if (this.isBuilt !== this.text && this.whole.value === this.text) {
      this.buildNumbers(record);
      this.isBuilt = this.text;
    }
  }

  reset() {
    if (this.text !== this.start.text || this.isBuilt !== this.start.text) {
      this.text = this.start.text;
      this.whole.value = this.start.text;
      this.buildNumbers(this.start);
      this.setFaults([]);
      this.mark();
    }
  }

  mark() {
    this.element.classList.toggle("is-changed", this.isChanged());
  }

  setFaults(texts) {
    this.fault.textContent = texts.join("\n");
    this.fault.hidden = texts.length === 0;
    for (const input of [this.whole, ...this.fields.map((field) => field.input)]) {
      if (texts.length > 0) {
        input.setAttribute("aria-invalid", "true");
        input.setAttribute("aria-describedby", this.fault.id);
      } else {
        input.removeAttribute("aria-invalid");
        input.removeAttribute("aria-describedby");
      }
    }
  }
}
