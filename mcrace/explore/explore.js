// Moves a study: what is typed or slid goes to mcrace on this machine, and its answer is drawn.

import { Control } from "/controls.js";
import { drawAnswer, drawStrip } from "/answer.js";

const PAUSE_MS = 40; // several keys or steps of a slider at once are one question

const byId = (id) => document.getElementById(id);
const token = window.location.hash.slice(1);
const page = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");

const controls = new Map();
let sequence = 0;
let isAsking = false;
let isWaiting = false;
let timer = 0;

async function asked(path, body) {
  const headers = { "X-Mcrace-Token": token };
  const settings = { headers, cache: "no-store", credentials: "omit" };
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    Object.assign(settings, { method: "POST", body: JSON.stringify(body) });
  }
  const reply = await fetch(path, settings);
  if (!reply.ok) {
    throw new Error(await reply.text());
  }
  return reply.json();
}

function edits() {
  const changed = {};
  for (const control of controls.values()) {
    if (control.isChanged()) {
      changed[control.path] = control.text;
    }
  }
  return changed;
}

function paragraphs(place, texts) {
  place.replaceChildren(
    ...texts.map((text) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = text;
      return paragraph;
    }),
  );
}

function countChanges() {
  const changed = Array.from(controls.values()).filter((control) => control.isChanged());
  const words = changed.length === 1 ? "1 value is changed" : `${changed.length} values are changed`;
  const names = changed.slice(0, 3).map((control) => control.label);
  const more = changed.length > names.length ? ", …" : "";
  byId("changed").textContent = changed.length === 0 ? "Nothing is changed." : `${words}: ${names.join(", ")}${more}`;
  byId("reset-all").disabled = changed.length === 0;
}

function moved() {
  countChanges();
  sequence += 1;
  document.body.dataset.asked = String(sequence);
  window.clearTimeout(timer);
  timer = window.setTimeout(ask, PAUSE_MS);
}

// One question at a time is on its way; what is moved meanwhile is the next one.
async function ask() {
  if (isAsking) {
    isWaiting = true;
    return;
  }
  isAsking = true;
  try {
    const body = { page, sequence, scenario: byId("scenario").value, edits: edits() };
    const started = performance.now();
    const found = await asked("/api/answer", body);
    if (found.stale !== true) {
      show(found, performance.now() - started);
    }
  } catch (error) {
    told([`mcrace does not answer: ${error.message}. Has it ended in the terminal?`]);
  } finally {
    isAsking = false;
    if (isWaiting) {
      isWaiting = false;
      ask();
    }
  }
}

function told(texts) {
  const old = "The answer below is the one from before.";
  paragraphs(byId("faults"), texts.length > 0 ? [...texts, old] : []);
  byId("shown").classList.toggle("is-stale", texts.length > 0);
}

function show(found, milliseconds) {
  const faults = found.faults ?? [];
  document.body.dataset.answered = String(found.sequence);
  for (const control of controls.values()) {
    control.setFaults(faults.filter((fault) => fault.control === control.path).map((fault) => fault.text));
  }
  if (faults.length > 0) {
    const elsewhere = faults.filter((fault) => !controls.has(fault.control)).map((fault) => fault.text);
    const labels = new Set(faults.filter((fault) => controls.has(fault.control)).map((fault) => controls.get(fault.control).label));
    told([...elsewhere, ...Array.from(labels, (label) => `${label}: not right yet; its own line says why.`)]);
    return;
  }
  told([]);
  for (const record of found.controls) {
    controls.get(record.path)?.take(record);
  }
  paragraphs(byId("sentences"), found.sentences);
  const draws = found.draws === 1 ? "One exact calculation" : `${found.draws.toLocaleString("en")} draws`;
  byId("facts").textContent = `${found.note} ${draws}, in ${(milliseconds / 1000).toFixed(2)} s.`;
  drawAnswer(byId("outputs"), found.outputs);
  drawStrip(byId("strip"), found.outputs);
}

function filter() {
  const wanted = byId("find").value.trim().toLowerCase();
  for (const control of controls.values()) {
    control.element.hidden = wanted !== "" && !control.matches(wanted);
  }
  if (wanted !== "") {
    byId("model-part").open = true;
  }
}

async function save(event) {
  event.preventDefault();
  const place = byId("saved");
  place.className = "";
  try {
    const found = await asked("/api/save", { edits: edits(), name: byId("name").value });
    const faults = found.faults ?? [];
    place.className = faults.length > 0 ? "fault" : "";
    place.textContent =
      faults.length > 0
        ? faults.map((fault) => [fault.control, fault.text].filter(Boolean).join(": ")).join("\n")
        : `Saved ${found.file}. Its answer in full: mcrace run ${found.file}`;
  } catch (error) {
    place.className = "fault";
    place.textContent = `Not saved: ${error.message}`;
  }
}

function build(study) {
  document.title = `${study.title} · mcrace explore`;
  byId("title").textContent = study.title;
  byId("question").textContent = study.question;
  byId("name").value = study.name;
  for (const name of study.scenarios) {
    byId("scenario").append(new Option(name, name));
  }
  for (const record of study.controls) {
    const control = new Control(record, moved);
    controls.set(record.path, control);
    byId(record.section).append(control.element);
  }
  byId("scenario").addEventListener("change", moved);
  byId("find").addEventListener("input", filter);
  byId("save").addEventListener("submit", save);
  byId("reset-all").addEventListener("click", () => {
    for (const control of controls.values()) {
      control.reset();
    }
    moved();
  });
}

try {
  build(await asked("/api/study"));
  moved();
} catch (error) {
  told([`mcrace does not answer: ${error.message}`]);
}
