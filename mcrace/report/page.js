// A page without this script is whole; the script adds sorting, a dark page and links to copy. It writes text only as text, loads nothing and stores nothing.
'use strict';

const byId = (name) => document.getElementById(name);

function made(tag, text, attributes = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// What a screen reader is told of a press.
const teller = document.body.appendChild(made('p', '', { class: 'unseen', role: 'status' }));
function say(text) { teller.textContent = text; }

// Numbers as text: the rules of the rest of the page.

function fixed(value, decimals) {
  const scale = 10 ** Math.max(-decimals, 0);
  const digits = Math.min(Math.max(decimals, 0), 12);
  const text = (Math.round(Math.abs(value) / scale * 10 ** digits) / 10 ** digits * scale)
    .toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return value < 0 && /[1-9]/.test(text) ? '−' + text : text;
}

function significant(value, digits) {
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return value > 0 ? 'never' : '−never';
  const decimals = digits - 1 - Math.floor(Math.log10(Math.abs(value)));
  if (decimals > 12) return value.toPrecision(digits).replace('-', '−');
  const text = fixed(value, decimals);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

// The digits that the error supports: one of the error, two where its first is a 1.
function rounded(value, half) {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : value < 0 ? '−∞' : 'not available';
  if (!Number.isFinite(half)) return significant(value, 2);
  if (half <= Math.abs(value) * 1e-6) return significant(value, half === 0 ? 4 : 6);
  const [first, exponent] = half.toExponential(0).split('e');
  const decimals = (first === '1' ? 1 : 0) - Number(exponent);
  return `${fixed(value, decimals)} ± ${fixed(half, decimals)}`;
}

function parsed(text) {
  const plain = text.trim().replace(/[−–]/g, '-').replace(/[,\s]/g, '').toLowerCase();
  if (/^(never|inf|infinity|∞)$/.test(plain)) return Infinity;
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/.test(plain) ? Number(plain) : NaN;
}

function percent(share, half) {
  if (Number.isFinite(half)) {
    return 100 * half < 9.5 ? `${rounded(100 * share, 100 * half)} %`
      : `${fixed(100 * share, 0)} ± ${fixed(100 * half, 0)} %`;
  }
  const smaller = Math.min(share, 1 - share) || 1;
  return `${fixed(100 * share, Math.max(-1 - Math.floor(Math.log10(smaller)), 0))} %`;
}

// Sorting: a button in each heading; up, down, and back to the order as written.

const ORDERS = ['none', 'ascending', 'descending'];

function compared(one, other, way) {
  if (one.number !== null && other.number !== null) return way * (one.number - other.number || 0);
  if (one.number !== null || other.number !== null) return one.number !== null ? -1 : 1;
  return way * one.text.localeCompare(other.text, 'en', { numeric: true });
}

function sortBy(table, place, order) {
  const keyed = table.rowsAsWritten.map((row) => {
    const cell = row.cells[place];
    const number = 'value' in cell.dataset ? Number(cell.dataset.value) : null;
    return { row, number, text: cell.textContent };
  });
  if (order !== 'none') keyed.sort((one, other) => compared(one, other, order === 'ascending' ? 1 : -1));
  table.element.tBodies[0].append(...keyed.map((entry) => entry.row));
}

function makeSortable(element) {
  const table = { element, rowsAsWritten: [...element.tBodies[0].rows] };
  const heads = [...element.tHead.rows[0].cells];
  if (table.rowsAsWritten.length < 2) return;
  heads.forEach((head, place) => {
    const button = made('button', '', { type: 'button', class: 'sort' });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const order = ORDERS[(ORDERS.indexOf(head.getAttribute('aria-sort') ?? 'none') + 1) % 3];
      heads.forEach((each) => each.removeAttribute('aria-sort'));
      if (order !== 'none') head.setAttribute('aria-sort', order);
      sortBy(table, place, order);
      say(order === 'none' ? 'Order as written' : `Sorted, ${order}`);
    });
  });
}

// Light and dark: the system's wish until the button is pressed; nothing is stored.

function makeTheme() {
  const button = byId('theme'), system = matchMedia('(prefers-color-scheme: dark)');
  const chosen = () => document.documentElement.dataset.theme ?? (system.matches ? 'dark' : 'light');
  const isDark = () => chosen() === 'dark';
  const name = () => { button.textContent = isDark() ? 'Light page' : 'Dark page'; };
  button.addEventListener('click', () => {
    document.documentElement.dataset.theme = isDark() ? 'light' : 'dark';
    name();
  });
  system.addEventListener('change', name);
  name();
  button.hidden = false;
}

// A press on the sign beside a heading also puts its address on the clipboard, where the browser lets it.
function makeLinksCopy() {
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a.anchor');
    if (link) navigator.clipboard?.writeText(link.href).then(() => say('Link copied'), () => {});
  });
}

makeTheme();
makeLinksCopy();
document.querySelectorAll('table:not(#ask-table)').forEach(makeSortable);
