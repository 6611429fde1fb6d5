import uPlot from 'uplot';
import { byId } from './elements.js';
import { duration } from './numbers.js';
import { latencyOf, type State, type Told } from './state.js';

const HEIGHT = 240;
/** uPlot's number for it, of which the types know, and at run time nobody. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- as its documentation writes it
const LOGARITHMIC = 3 as uPlot.Scale.Distr;

/** The two plots, in the colours of the page. */
export class Plots {
  #latency: uPlot;
  #percentiles: uPlot;
  #told: readonly Told[] = [];
  #state: State | null = null;

  constructor() {
    [this.#latency, this.#percentiles] = make();
    // They are painted, not styled: other colours need other plots.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#latency.destroy();
      this.#percentiles.destroy();
      [this.#latency, this.#percentiles] = make();
      this.#fill();
    });
    new ResizeObserver(() => {
      this.#latency.setSize(sizeOf('latency'));
      this.#percentiles.setSize(sizeOf('percentiles'));
    }).observe(byId('latency'));
  }

  show(told: readonly Told[], state: State | null): void {
    this.#told = told;
    this.#state = state;
    this.#fill();
  }

  #fill(): void {
    const measured = this.#told.filter((one) => latencyOf(one) !== null);
    const newest = BigInt(measured.at(-1)?.enteredAt ?? 0);
    this.#latency.setData([
      measured.map(({ enteredAt }) => Number(BigInt(enteredAt) - newest) / 1e9),
      measured.map(latencyOf),
    ]);
    const curve = (this.#state?.latency?.percentiles ?? []).filter(([percent]) => percent < 100);
    this.#percentiles.setData([
      curve.map(([percent]) => ninesOf(percent)),
      curve.map(([, ns]) => ns),
    ]);
  }
}

function make(): [latency: uPlot, percentiles: uPlot] {
  const line = colour('listener');
  const points = { show: true, size: 5, fill: line };
  const curve = { width: 2, fill: faint(line), points: { show: false } };
  return [
    plot('latency', { stroke: line, points, paths: () => null }, { values: texts(ageText) }),
    plot('percentiles', { stroke: line, ...curve }, { values: texts(percentText), incrs: [1] }),
  ];
}

function texts(text: (value: number) => string): uPlot.Axis.Values {
  return (_, values) => values.map(text);
}

function plot(id: string, series: uPlot.Series, xAxis: uPlot.Axis): uPlot {
  const grid = { stroke: colour('line'), width: 1 };
  const axis = { stroke: colour('quiet'), grid, ticks: { show: false } };
  return new uPlot(
    {
      ...sizeOf(id),
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: { distr: LOGARITHMIC, range: decades } },
      axes: [
        { ...axis, ...xAxis },
        { ...axis, size: 64, values: (_, values) => values.map(decadeText) },
      ],
      series: [{}, series],
    },
    [[], []],
    byId(id),
  );
}

function sizeOf(id: string): { width: number; height: number } {
  return { width: byId(id).clientWidth, height: HEIGHT };
}

// 90, 99, 99.9 lie at equal steps: the tail is what matters.
function ninesOf(percent: number): number {
  return -Math.log10(1 - percent / 100);
}

function percentText(nines: number): string {
  return `${Number((100 * (1 - 10 ** -nines)).toFixed(3))} %`;
}

function ageText(seconds: number): string {
  return seconds === 0 ? 'newest' : `${Number(seconds.toFixed(3))} s`;
}

// Whole powers of ten, so that the axis stays while points come.
function decades(_: uPlot, min: number | null, max: number | null): [number, number] {
  const low = 10 ** Math.floor(Math.log10(Math.max(1, min ?? 1_000)));
  const high = 10 ** Math.ceil(Math.log10(Math.max(10, max ?? 1_000_000)));
  return [low, high > low ? high : low * 10];
}

function decadeText(ns: number | null): string | null {
  return ns !== null && Math.abs(Math.log10(ns) % 1) < 1e-6 ? duration(ns) : null;
}

// A canvas knows no variables: the browser says what a name comes to.
function colour(name: string): string {
  const place = byId('connection');
  place.style.color = `var(--${name})`;
  const { color } = getComputedStyle(place);
  place.style.removeProperty('color');
  return color;
}

function faint(rgb: string): string {
  return rgb.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.16)');
}
