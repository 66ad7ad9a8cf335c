// Puts what the daemon says into the document. One event stream; none while nobody looks at the page.

import { Board, FATES } from './board.js';
import { clock, Ribbon, sparkline, TimeChart } from './charts.js';

const $ = id => document.getElementById(id);
const board = new Board();
const number = new Intl.NumberFormat('en');
const percent = share => `${Math.round((share ?? 0) * 100)} %`;
const some = (value, unit, digits = 1) => value === undefined || value === null ? '–' : [value.toFixed(digits), unit];

let stream = null;
let offset = 0; // the server's clock less ours, in milliseconds
let cameraCause = '';
const now = () => Date.now() + offset;

const ribbon = new Ribbon($('ribbon'));
const charts = {
  latency: new TimeChart($('latency'), { name: 'Work on a frame by stage', kind: 'area', unit: 'ms', series: [
    { key: 'decode', name: 'decode', colour: 'c3' }, { key: 'prepare', name: 'prepare', colour: 'c7' },
    { key: 'infer', name: 'network', colour: 'c1' }, { key: 'rest', name: 'waiting and sending', colour: 'idle', told: true }] }),
  fate: new TimeChart($('fate'), { name: 'Frames by what became of them', kind: 'area', unit: 'frames/s', series: FATES }),
  heat: new TimeChart($('heat'), { name: 'Temperature', kind: 'line', unit: '°C', floor: null, series: [{ key: 'value', name: '', colour: 'c6' }] }),
  cpu: new TimeChart($('cpu'), { name: 'CPU of the daemon', kind: 'line', unit: '% of a core', least: 1, series: [{ key: 'value', name: '', colour: 'c3' }] }),
  threads: new TimeChart($('threads'), { name: 'Threads', kind: 'step', unit: 'threads', whole: true, series: [{ key: 'value', name: '', colour: 'c2' }] }),
};

// --- small helpers of the document

function make(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}

function tile(id, value) {
  const [text, unit] = Array.isArray(value) ? value : [value, ''];
  $(id).replaceChildren(text, ...(unit ? [' ', make('small', unit)] : []));
}

function banner(text) {
  $('banner').hidden = !text;
  if ($('banner').textContent !== text) $('banner').textContent = text;
}

// --- states

function showLink(state, reason = '') {
  document.body.dataset.link = state;
  $('link').textContent = { live: 'live', gone: 'daemon gone', connecting: 'connecting', closed: 'page server gone' }[state];
  if (state === 'closed') document.body.dataset.link = 'gone';
  showBanner(reason);
}

function showCamera(state, cause) {
  document.body.dataset.camera = state;
  cameraCause = cause;
  $('camera').textContent = `camera ${state}`;
  showBanner('');
}

function showBanner(reason) {
  const { link, camera } = document.body.dataset;
  if (link === 'gone') banner(reason || $('banner').textContent);
  else banner(camera === 'lost' ? `The camera is lost: ${cameraCause || 'no cause known'}` : '');
  $('picture-frame').classList.toggle('stale', link === 'gone' || camera === 'lost');
}

function showHello(hello) {
  board.hello = hello;
  $('model-name').textContent = `${hello.model.name}, ${hello.model.labels} labels, ${hello.camera.id}`;
  $('version').textContent = `tarsier ${hello.version}`;
  showLink('live');
  showCamera(hello.camera.state, '');
  if (!board.last && hello.last) { board.last = hello.last; showResult(); }
  loadCard();
}

function sentence(event) {
  switch (event.type) {
    case 'power': return [`${event.threads} thread${event.threads === 1 ? '' : 's'}, ${event.rate === null ? 'every frame' : `at most ${event.rate} a second`}: ${event.cause}`, 'power'];
    case 'camera': return [`camera ${event.state}${event.cause ? `: ${event.cause}` : ''}`, event.state === 'lost' ? 'bad' : event.state === 'ok' ? 'good' : ''];
    case 'enter': return [`${event.label} came (${percent(event.score)})`, ''];
    case 'leave': return [`${event.label} went after ${(event.duration_ms / 1000).toFixed(1)} s`, ''];
    case 'gone': return [`daemon gone: ${event.cause}`, 'bad'];
    case 'back': return ['daemon there', 'good'];
    default: return [event.type, ''];
  }
}

function item(t, text, className) {
  const line = make('li', undefined, className);
  line.append(make('time', clock(t)), make('span', text));
  return line;
}

function showState({ t, event }) {
  if (event.type === 'camera') showCamera(event.state, event.cause);
  $('log').prepend(item(t, ...sentence(event)));
  while ($('log').children.length > 200) $('log').lastChild.remove();
  if (event.type === 'power') showDecisions();
}

function showDecisions() {
  const lines = board.decisions().slice(-20).reverse().map(({ t, event }) => item(t, sentence(event)[0]));
  if (lines.length) $('decisions').replaceChildren(...lines);
}

function note(type, cause) {
  const entry = { at_ms: now(), event: { type, cause } };
  board.addState(entry);
  showState({ t: entry.at_ms, event: entry.event });
}

// --- results

const rows = Array.from({ length: 5 }, () => {
  const row = make('li');
  const bar = make('div', undefined, 'bar');
  const spark = document.createElement('canvas');
  const [name, share, fill] = [make('span', '', 'name'), make('span', '', 'share'), make('span')];
  spark.setAttribute('aria-hidden', 'true');
  bar.append(fill);
  row.append(name, bar, share, spark);
  row.hidden = true;
  $('top').append(row);
  return { row, name, share, fill, spark, label: null };
});

function showResult() {
  const result = board.last;
  if (!result) return;
  if ($('label').textContent !== result.label) $('label').textContent = result.label;
  $('score').textContent = `${percent(result.score)}${result.stable ? '' : ', not yet stable'}`;
  rows.forEach((one, index) => {
    const entry = result.top[index];
    one.row.hidden = !entry;
    if (!entry) return;
    const shade = ribbon.colourOf(entry.label);
    if (one.label !== entry.label) sparkline(one.spark, now(), board.scores(entry.label), shade);
    Object.assign(one, { label: entry.label, shade });
    one.name.textContent = entry.label;
    one.share.textContent = percent(entry.score);
    one.fill.style.width = `${entry.score * 100}%`;
    one.fill.style.background = `var(--${shade})`;
  });
}

function showSample() {
  const status = board.newest;
  if (!status) return;
  const { frames, sensors = {}, power } = status;
  const latest = board.latency().at(-1)?.v;
  const fate = board.fates().at(-1)?.v;
  tile('tile-age', latest ? some(latest.decode + latest.prepare + latest.infer + latest.rest, 'ms') : '–');
  $('waiting').textContent = latest ? `and ${latest.rest.toFixed(1)} ms of waiting for its turn and being sent` : '';
  tile('tile-infer', some(latest?.infer, 'ms', 2));
  tile('tile-rate', some(fate?.inferred, '/s'));
  tile('tile-threads', `${power.threads}`);
  tile('tile-cpu', sensors.own_cpus === undefined ? '–' : some(sensors.own_cpus * 100, '%'));
  tile('tile-temperature', some(sensors.temperature_celsius, '°C', 0));
  $('tile-temperature').parentElement.hidden = sensors.temperature_celsius === undefined;
  $('point').textContent = `${power.threads} thread${power.threads === 1 ? '' : 's'}, ${power.rate === null ? 'every frame' : `at most ${power.rate} a second`}: ${power.cause}`;
  const skipped = Object.values(frames.skipped).reduce((a, b) => a + b, 0);
  const under = frames.captured - frames.inferred - skipped;
  $('law').replaceChildren('Captured ', make('b', number.format(frames.captured)), ' = inferred ', make('b', number.format(frames.inferred)),
    ' + skipped ', make('b', number.format(skipped)), under ? ` + ${under} under way` : '');
  if (status.camera.state !== document.body.dataset.camera) showCamera(status.camera.state, '');
}

function drawAll() {
  const t = now();
  const marks = board.decisions().map(({ t, event }) => ({ t, text: sentence(event)[0] }));
  const points = { latency: board.latency(), fate: board.fates(), heat: board.sensor('temperature_celsius'), cpu: board.sensor('own_cpus', 100), threads: board.threads() };
  $('heat').hidden = !points.heat.some(one => one.v.value !== null);
  $('cpu').hidden = !points.cpu.some(one => one.v.value !== null);
  for (const [name, chart] of Object.entries(charts)) { chart.points = points[name]; chart.marks = marks; chart.draw(t); }
  const pieces = board.pieces();
  ribbon.draw(t, pieces);
  const held = pieces.at(-1);
  $('since').textContent = held ? `for ${Math.max(0, (held.to - held.from) / 1000).toFixed(0)} s` : '';
  for (const one of rows) if (one.label) sparkline(one.spark, t, board.scores(one.label), one.shade);
}

// --- pictures

let wantsPicture = localStorage.getItem('picture') !== 'off';

function showPicture(picture) {
  const image = $('picture');
  if (picture?.jpeg) {
    image.src = `data:image/jpeg;base64,${picture.jpeg}`;
    image.alt = `What the network was shown, frame ${picture.frame}`;
    image.hidden = false;
    $('picture-note').hidden = true;
    $('picture-caption').textContent = `frame ${number.format(picture.frame)}, the part that the network sees`;
    return;
  }
  image.hidden = true;
  $('picture-note').hidden = false;
  $('picture-note').textContent = picture?.reason ?? (wantsPicture ? 'waiting for a picture' : 'the live picture is switched off');
  $('picture-caption').textContent = '\u00a0';
}

$('picture-switch').addEventListener('click', () => {
  wantsPicture = !wantsPicture;
  localStorage.setItem('picture', wantsPicture ? 'on' : 'off');
  $('picture-switch').setAttribute('aria-pressed', wantsPicture);
  showPicture(null);
  close();
  open();
});
$('picture-switch').setAttribute('aria-pressed', wantsPicture);

// --- model card

let cardOf = null;

async function loadCard() {
  const sha256 = board.hello.model.sha256;
  if (cardOf === sha256) return;
  cardOf = sha256;
  const facts = [];
  const add = (name, value) => { if (value !== '' && value !== undefined) facts.push(make('dt', name), make('dd', value)); };
  try {
    const answer = await fetch('/card.json');
    if (!answer.ok) throw new Error('no card');
    const card = await answer.json();
    add('network', `${board.hello.model.name}, input ${board.hello.model.input.join(' x ')}`);
    if (card.found) {
      add('file', card.file);
      add('work', `${(card.macs / 1e6).toFixed(1)} M multiply-accumulates a frame`);
      add('classes', card.labels.join(', '));
      add('unknown', card.unknown_below > 0 ? `below ${percent(card.unknown_below)}` : '');
      add('calibrated', `${card.calibration_images} photos, ${card.method}`);
      add('source', card.source);
    } else {
      add('card', 'the file of this model is not where tarsier-web looks; name it with --model');
    }
    add('SHA-256', sha256);
    $('card').replaceChildren(...facts);
    $('report').hidden = !card.report;
  } catch {
    // The daemon is on its way, or away; a hello comes with it, but may have come already.
    cardOf = null;
    setTimeout(() => board.hello && loadCard(), 3000);
  }
}

// --- the stream

function open() {
  if (stream || document.hidden) return;
  stream = new EventSource(`/events?picture=${wantsPicture ? 1 : 0}`);
  const on = (name, handle) => stream.addEventListener(name, event => handle(JSON.parse(event.data)));
  on('snapshot', begin);
  on('hello', hello => { const wasGone = document.body.dataset.link === 'gone'; board.last = null; showHello(hello); if (wasGone) note('back'); });
  on('gone', ({ reason }) => { if (document.body.dataset.link !== 'gone') note('gone', reason); showLink('gone', reason); });
  on('result', result => { board.addResult(result); showResult(); });
  on('state', entry => { board.addState(entry); showState({ t: entry.at_ms, event: entry.event }); });
  on('sample', entry => { board.addSample(entry); showSample(); drawAll(); });
  on('picture', showPicture);
  stream.onerror = () => {
    showLink('closed', 'The page server does not answer; trying again.');
    // A refusal (a token that has changed) ends the stream for good; then the page itself has to be asked again.
    if (stream.readyState === EventSource.CLOSED) { close(); setTimeout(open, 3000); }
  };
}

function close() {
  stream?.close();
  stream = null;
}

function begin(snapshot) {
  offset = snapshot.now_ms - Date.now();
  board.clear();
  $('log').replaceChildren();
  snapshot.samples.forEach(entry => board.addSample(entry));
  snapshot.results.forEach(result => board.addResult(result));
  snapshot.states.forEach(entry => { board.addState(entry); showState({ t: entry.at_ms, event: entry.event }); });
  if (snapshot.hello) showHello(snapshot.hello);
  else if (snapshot.gone) showLink('gone', snapshot.gone.reason);
  else showLink('connecting');
  const camera = snapshot.states.slice(snapshot.states.length - snapshot.states_since_hello).findLast(({ event }) => event.type === 'camera')?.event;
  if (camera && snapshot.hello) showCamera(camera.state, camera.cause);
  showPicture(snapshot.picture);
  showResult();
  showSample();
  showDecisions();
  drawAll();
}

document.addEventListener('visibilitychange', () => document.hidden ? close() : open());
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
new ResizeObserver(drawAll).observe(document.querySelector('main'));
open();
