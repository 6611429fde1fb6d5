// The page: keeps what the server tells, and shows it.
import { showSubscriptions, showThreads, showTiles } from './details.js';
import { byId } from './elements.js';
import { Plots } from './plots.js';
import { showSignals } from './signals.js';
import { MOST_KEPT, type State, type Told } from './state.js';
import { showTimeline } from './timeline.js';

const plots = new Plots();
let state: State | null = null;
let told: Told[] = [];

function show(): void {
  if (state !== null) showState(state);
  showTimeline(told);
  plots.show(told, state);
}

function showState(known: State): void {
  byId('process').textContent = `process ${known.pid}`;
  byId('command').textContent = known.command;
  document.title = `Signals of process ${known.pid}`;
  showTiles(known);
  showSignals(known, (signal) => void send(signal));
  showSubscriptions(known);
  showThreads(known);
}

async function send(signal: string): Promise<void> {
  const token = document.querySelector<HTMLMetaElement>('meta[name="sigbridge-token"]')?.content;
  const headers = { 'X-Sigbridge-Token': token ?? '' };
  const url = `send?signal=${encodeURIComponent(signal)}`;
  const answer = await fetch(url, { method: 'POST', headers });
  byId('sent').textContent = await answer.text();
}

function showConnection(name: 'live' | 'lost', text: string): void {
  const place = byId('connection');
  place.dataset['state'] = name;
  place.textContent = text;
}

const events = new EventSource('events');
events.addEventListener('open', () => {
  // It begins anew, with all that is kept.
  told = [];
  showConnection('live', 'live');
});
events.addEventListener('error', () => {
  showConnection('lost', 'the process does not answer');
});
events.addEventListener('deliveries', ({ data }: MessageEvent<string>) => {
  told = [...told, ...(JSON.parse(data) as Told[])].slice(-MOST_KEPT);
  show();
});
events.addEventListener('state', ({ data }: MessageEvent<string>) => {
  state = JSON.parse(data) as State;
  show();
});
byId('all').addEventListener('change', show);
