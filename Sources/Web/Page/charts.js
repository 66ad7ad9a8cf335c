// Charts on canvases: areas, lines and steps over a moving window, with a cursor for mouse and arrow keys. No data is kept here.

export const SPAN = 180_000; // milliseconds shown

const reading = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
export const clock = t => new Date(t).toLocaleTimeString('en-GB');

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// A canvas in the pixels of the screen; drawing is in CSS pixels.
function prepare(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

function niceCeiling(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 1.5, 2, 3, 5, 7.5, 10].find(step => step * power >= value * 1.0001);
}

// Values over time. `series`: {key, name, colour}, and told: true for what is read out and not drawn; `kind`: 'area' stacks them, 'line' and 'step' do not.
export class TimeChart {
  constructor(figure, { series, kind, unit, floor = 0, least = 0, whole = false, name }) {
    Object.assign(this, { figure, series, kind, unit, floor, least, whole, name });
    this.points = []; // {t, v: {key: number}}, by time
    this.marks = []; // {t, text}
    this.cursor = null; // a time
    this.canvas = document.createElement('canvas');
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'img');
    figure.append(this.canvas);
    if (series.length > 1) {
      const legend = document.createElement('ul');
      legend.className = 'legend';
      this.swatches = series.map(one => {
        const item = document.createElement('li');
        const swatch = document.createElement('i');
        item.append(swatch, one.name);
        if (!one.told) legend.append(item);
        return swatch;
      });
      figure.append(legend);
    }
    this.readout = document.createElement('p');
    this.readout.className = 'readout';
    figure.append(this.readout);
    this.canvas.addEventListener('pointermove', event => this.point(event.offsetX));
    this.canvas.addEventListener('pointerleave', () => this.leave());
    this.canvas.addEventListener('blur', () => this.leave());
    this.canvas.addEventListener('keydown', event => this.key(event));
  }

  leave() { this.cursor = null; this.readout.textContent = ''; this.readout.removeAttribute('aria-live'); this.draw(this.now); }

  point(x) {
    const time = this.now - SPAN + (x - this.left) / this.inner * SPAN;
    let best = null;
    for (const one of this.points) if (!best || Math.abs(one.t - time) < Math.abs(best.t - time)) best = one;
    if (best) { this.cursor = best.t; this.read(best); this.draw(this.now); }
  }

  key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e6, End: 1e6 }[event.key];
    if (event.key === 'Escape') return this.leave();
    if (!step || !this.points.length) return;
    event.preventDefault();
    const at = this.cursor === null ? this.points.length : this.points.findIndex(one => one.t === this.cursor);
    const next = this.points[Math.max(0, Math.min(this.points.length - 1, at + step))];
    this.readout.setAttribute('aria-live', 'polite');
    this.cursor = next.t;
    this.read(next);
    this.draw(this.now);
  }

  text(point) {
    return this.series.filter(one => point.v[one.key] !== undefined && point.v[one.key] !== null)
      .map(one => `${this.series.length > 1 ? one.name + ' ' : ''}${reading.format(point.v[one.key])} ${this.unit}`.trim()).join(', ');
  }

  read(point) {
    const near = this.marks.filter(mark => Math.abs(mark.t - point.t) <= 1500).map(mark => ` – ${mark.text}`).join('');
    this.readout.textContent = `${clock(point.t)}  ${this.text(point)}${near}`;
  }

  describe() {
    const last = this.points.at(-1);
    this.canvas.setAttribute('aria-label', `${this.name}, three minutes; now ${last ? this.text(last) || 'unknown' : 'unknown'}`);
  }

  range() {
    let [low, high] = [this.floor ?? Infinity, this.least];
    for (const { v } of this.points) {
      const values = this.series.filter(one => !one.told).map(one => v[one.key]).filter(Number.isFinite);
      if (!values.length) continue;
      if (this.kind === 'area') high = Math.max(high, values.reduce((a, b) => a + b, 0));
      else { high = Math.max(high, ...values); if (this.floor === null) low = Math.min(low, ...values); }
    }
    if (this.floor === null) {
      if (low === Infinity) return [0, 1];
      return [Math.floor(low / 5 - 0.2) * 5, Math.ceil(high / 5 + 0.2) * 5];
    }
    return [low, this.whole ? Math.ceil(high) + 1 : niceCeiling(high)];
  }

  draw(now) {
    this.now = now;
    const { context: c, width, height } = prepare(this.canvas);
    if (!width) return;
    const [low, high] = this.range();
    const [left, right, top, bottom] = [40, 4, 8, 18];
    [this.left, this.inner] = [left, width - left - right];
    const x = t => left + (t - now + SPAN) / SPAN * this.inner;
    const y = value => top + (1 - (value - low) / (high - low)) * (height - top - bottom);
    this.grid(c, { low, high, x, y, width, height, left, right, now });
    c.save();
    c.beginPath();
    c.rect(left, 0, this.inner, height - bottom);
    c.clip();
    if (this.kind === 'area') this.areas(c, x, y); else this.lines(c, x, y);
    for (const mark of this.marks) this.vertical(c, x(mark.t), top, height - bottom, colour('mark'), [4, 3]);
    if (this.cursor !== null) this.vertical(c, x(this.cursor), top, height - bottom, colour('ink'), []);
    c.restore();
    this.swatches?.forEach((swatch, index) => {
      const { key, colour: name } = this.series[index];
      swatch.style.background = colour(name);
      // What has not occurred needs no explanation; the first is always there.
      if (!swatch.parentElement) return;
      swatch.parentElement.hidden = index > 0 && !this.points.some(one => one.v[key] > 0);
    });
    this.describe();
  }

  grid(c, { low, high, x, y, width, height, left, right, now }) {
    c.font = '11px system-ui, sans-serif';
    c.fillStyle = colour('quiet');
    c.strokeStyle = colour('grid');
    c.lineWidth = 1;
    c.textAlign = 'right';
    c.textBaseline = 'middle';
    const steps = this.whole ? Math.min(4, high - low) : height > 150 ? 4 : 2;
    for (let i = 0; i <= steps; i++) {
      const value = low + (high - low) * i / steps;
      c.beginPath(); c.moveTo(left, Math.round(y(value)) + .5); c.lineTo(width - right, Math.round(y(value)) + .5); c.stroke();
      c.fillText(reading.format(value), left - 6, y(value));
    }
    c.textBaseline = 'alphabetic';
    for (let seconds = 0; seconds <= 180; seconds += 60) {
      const place = x(now - seconds * 1000);
      c.textAlign = seconds === 0 ? 'right' : seconds === 180 ? 'left' : 'center';
      c.fillText(seconds ? `${seconds / 60} min ago` : 'now', place, height - 4);
    }
    c.textAlign = 'left';
    c.fillText(this.unit, left + 4, 16);
  }

  // Runs of points without a hole of more than three seconds between them.
  runs() {
    const runs = [];
    let last = null;
    for (const one of this.points) {
      if (!last || one.t - last.t > 3500) runs.push([]);
      runs.at(-1).push(one);
      last = one;
    }
    return runs;
  }

  areas(c, x, y) {
    for (const run of this.runs()) {
      const base = run.map(() => 0);
      for (const one of this.series.filter(one => !one.told)) {
        c.beginPath();
        run.forEach((point, i) => { const top = base[i] + (point.v[one.key] || 0); i ? c.lineTo(x(point.t), y(top)) : c.moveTo(x(point.t), y(top)); });
        for (let i = run.length - 1; i >= 0; i--) c.lineTo(x(run[i].t), y(base[i]));
        c.closePath();
        c.fillStyle = colour(one.colour);
        c.fill();
        run.forEach((point, i) => { base[i] += point.v[one.key] || 0; });
      }
    }
  }

  lines(c, x, y) {
    c.lineWidth = 2;
    c.lineJoin = 'round';
    for (const one of this.series) {
      c.strokeStyle = colour(one.colour);
      for (const run of this.runs()) {
        c.beginPath();
        let before = null;
        for (const point of run) {
          const value = point.v[one.key];
          if (!Number.isFinite(value)) { before = null; continue; }
          if (before === null) c.moveTo(x(point.t), y(value));
          else { if (this.kind === 'step') c.lineTo(x(point.t), y(before)); c.lineTo(x(point.t), y(value)); }
          before = value;
        }
        c.stroke();
      }
    }
  }

  vertical(c, x, top, bottom, style, dash) {
    c.strokeStyle = style;
    c.lineWidth = 1.5;
    c.setLineDash(dash);
    c.beginPath(); c.moveTo(x, top); c.lineTo(x, bottom); c.stroke();
    c.setLineDash([]);
  }
}

// One label after another, as a ribbon. `pieces`: {from, to, label}.
export class Ribbon {
  constructor(figure) {
    this.canvas = document.createElement('canvas');
    this.canvas.setAttribute('role', 'img');
    figure.append(this.canvas);
    this.colours = new Map();
  }

  colourOf(label) {
    if (label === 'unknown') return 'idle';
    if (!this.colours.has(label)) this.colours.set(label, `c${this.colours.size % 8 + 1}`);
    return this.colours.get(label);
  }

  draw(now, pieces) {
    const { context: c, width, height } = prepare(this.canvas);
    const x = t => Math.max(0, (t - now + SPAN) / SPAN * width);
    c.font = '11px system-ui, sans-serif';
    c.fillStyle = colour('quiet');
    for (const [seconds, align] of [[180, 'left'], [120, 'center'], [60, 'center'], [0, 'right']]) {
      c.textAlign = align;
      c.fillText(seconds ? `${seconds / 60} min ago` : 'now', x(now - seconds * 1000), height - 6);
    }
    const bottom = height - 20;
    c.fillStyle = colour('grid');
    c.fillRect(0, 4, width, bottom - 4);
    c.font = '600 12px system-ui, sans-serif';
    [c.textAlign, c.textBaseline] = ['left', 'middle'];
    for (const { from, to, label } of pieces) {
      const [a, b] = [x(from), x(to)];
      if (b <= 0) continue;
      c.fillStyle = colour(this.colourOf(label));
      c.fillRect(a, 4, Math.max(1, b - a - 1), bottom - 4);
      if (b - a > c.measureText(label).width + 10) { c.fillStyle = colour('card'); c.fillText(label, a + 5, (4 + bottom) / 2); }
    }
    const names = pieces.slice(-5).map(piece => piece.label).join(', ');
    this.canvas.setAttribute('aria-label', `Labels in turn, newest last: ${names || 'none yet'}`);
  }
}

// A line without axes. `points`: {t, value} from 0 to 1.
export function sparkline(canvas, now, points, name) {
  const { context: c, width, height } = prepare(canvas);
  if (!width) return;
  c.strokeStyle = colour(name);
  c.lineWidth = 1.5;
  c.beginPath();
  let last = null;
  for (const { t, value } of points) {
    const [x, y] = [(t - now + SPAN) / SPAN * width, 2 + (1 - value) * (height - 4)];
    if (last === null || t - last > 3500) c.moveTo(x, y); else c.lineTo(x, y);
    last = t;
  }
  c.stroke();
}
