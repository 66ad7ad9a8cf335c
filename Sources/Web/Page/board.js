// What the page knows: the daemon's lines of the last minutes, and what charts want of them. Knows nothing of the document.

import { SPAN } from './charts.js';

export const FATES = [
  { key: 'inferred', name: 'inferred', colour: 'c1' }, { key: 'rate', name: 'above the rate', colour: 'c3' },
  { key: 'nobody', name: 'nobody there', colour: 'idle' }, { key: 'motion', name: 'no motion', colour: 'c8' },
  { key: 'busy', name: 'busy', colour: 'c2' }, { key: 'thermal', name: 'held back by the governor', colour: 'c4' },
  { key: 'corrupt', name: 'corrupt', colour: 'c6' },
];

export class Board {
  constructor() { this.clear(); }

  clear() {
    this.results = []; // {t, label, top, ms}
    this.samples = []; // {t, status}
    this.states = []; // {t, event}, newest last
    this.hello = null;
    this.last = null;
  }

  addResult(result) {
    const t = Date.parse(result.ts);
    this.last = result;
    this.results.push({ t, label: result.label, top: result.top, ms: result.ms });
    this.trim(this.results, t);
  }

  addSample({ at_ms: t, status }) {
    this.samples.push({ t, status });
    this.trim(this.samples, t);
  }

  addState({ at_ms: t, event }) {
    this.states.push({ t, event });
    if (this.states.length > 200) this.states.shift();
  }

  trim(list, now) { while (list.length && now - list[0].t > SPAN + 5000) list.shift(); }

  // The label over time, as pieces that hold.
  pieces() {
    const pieces = [];
    for (const { t, label } of this.results) {
      const last = pieces.at(-1);
      if (last && last.label === label && t - last.to < 3500) last.to = t;
      else { if (last && t - last.to < 3500) last.to = t; pieces.push({ from: t, to: t, label }); }
    }
    return pieces;
  }

  // One label's score in each result; 0 where it was not among the best.
  scores(label) {
    return this.results.map(({ t, top }) => ({ t, value: top.find(one => one.label === label)?.score ?? 0 }));
  }

  // Means of each second.
  latency() {
    const seconds = new Map();
    for (const { t, ms } of this.results) {
      const second = Math.floor(t / 1000) * 1000;
      const sum = seconds.get(second) ?? { n: 0, decode: 0, prepare: 0, infer: 0, rest: 0 };
      const rest = Math.max(0, ms.age - ms.decode - ms.prepare - ms.infer);
      sum.n += 1; sum.decode += ms.decode; sum.prepare += ms.prepare; sum.infer += ms.infer; sum.rest += rest;
      seconds.set(second, sum);
    }
    return [...seconds].map(([t, s]) => (
      { t, v: { rest: s.rest / s.n, decode: s.decode / s.n, prepare: s.prepare / s.n, infer: s.infer / s.n } }));
  }

  // Frames a second by fate, between one sample and the next of the same daemon.
  fates() {
    const points = [];
    for (let i = 1; i < this.samples.length; i++) {
      const [a, b] = [this.samples[i - 1], this.samples[i]];
      const seconds = (b.t - a.t) / 1000;
      if (b.status.uptime_ms < a.status.uptime_ms || seconds <= 0 || seconds > 3.5) continue;
      const count = (status, key) => key === 'inferred' ? status.frames.inferred : status.frames.skipped[key] ?? 0;
      const v = {};
      for (const { key } of FATES) v[key] = (count(b.status, key) - count(a.status, key)) / seconds;
      points.push({ t: b.t, v });
    }
    return points;
  }

  // A sensor over time.
  sensor(name, scale = 1) {
    return this.samples.map(({ t, status }) => ({ t, v: { value: status.sensors?.[name] === undefined ? null : status.sensors[name] * scale } }));
  }

  threads() { return this.samples.map(({ t, status }) => ({ t, v: { value: status.power.threads } })); }

  decisions() { return this.states.filter(({ event }) => event.type === 'power'); }

  get newest() { return this.samples.at(-1)?.status; }
}
