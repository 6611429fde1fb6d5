'use strict';

// Vega-Lite specifications of the plots, from rows of figures.
const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';
const OURS = '#c0392b';
const OTHERS = '#7f8c8d';

const base = (title, values) => ({
  $schema: SCHEMA,
  title,
  background: 'white',
  width: 520,
  data: { values },
});

const category = (field) => ({
  field,
  type: 'nominal',
  sort: null,
  title: null,
  axis: { labelLimit: 1000 },
});

/** One bar for each row `{ name, value }`; sigbridge's is set off. */
function bars(title, unit, rows, scale = {}) {
  return {
    ...base(title, rows),
    mark: 'bar',
    encoding: {
      y: category('name'),
      x: { field: 'value', type: 'quantitative', title: unit, scale },
      color: {
        condition: { test: "datum.name === 'sigbridge'", value: OURS },
        value: OTHERS,
      },
    },
  };
}

/** Bars side by side for rows `{ name, kind, value }`. */
function groupedBars(title, unit, rows) {
  return {
    ...base(title, rows),
    mark: 'bar',
    encoding: {
      y: category('name'),
      yOffset: { field: 'kind', sort: null },
      x: { field: 'value', type: 'quantitative', title: unit },
      color: { field: 'kind', type: 'nominal', sort: null, title: null },
    },
  };
}

/** A point for each row `{ name, kind, value }`, on a logarithmic scale. */
function points(title, unit, rows) {
  return {
    ...base(title, rows),
    height: { step: 24 },
    mark: { type: 'point', filled: true, size: 90 },
    encoding: {
      y: { ...category('name'), axis: { grid: true, labelLimit: 1000 } },
      x: { field: 'value', type: 'quantitative', title: unit, scale: { type: 'log' } },
      color: { field: 'kind', type: 'nominal', sort: null, title: null },
      shape: { field: 'kind', type: 'nominal', sort: null, title: null },
    },
  };
}

/** A curve for each kind of rows `{ kind, size, value }`; `scale` is that of the value. */
function curves(title, unit, rows, scale, ticks) {
  return {
    ...base(title, rows),
    height: 300,
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'size', type: 'quantitative', title: 'how many', scale: { type: 'log' } },
      y: {
        field: 'value',
        type: 'quantitative',
        title: unit,
        scale,
        axis: { ...(ticks && { values: ticks }) },
      },
      color: { field: 'kind', type: 'nominal', sort: null, title: null },
    },
  };
}

/** A bar for each row `{ name, value, reached }`, and a line at 1, where the target is. */
function targets(title, rows) {
  return {
    ...base(title, rows),
    layer: [
      {
        mark: { type: 'point', filled: true, size: 90 },
        encoding: {
          y: { ...category('name'), axis: { grid: true, labelLimit: 1000 } },
          x: {
            field: 'value',
            type: 'quantitative',
            title: 'share of what is allowed',
            scale: { type: 'log' },
          },
          color: {
            field: 'reached',
            type: 'nominal',
            scale: { domain: ['reached', 'not reached'], range: ['#27ae60', OURS] },
            title: null,
          },
        },
      },
      { mark: { type: 'rule', strokeDash: [4, 4] }, encoding: { x: { datum: 1 } } },
    ],
  };
}

module.exports = { bars, curves, groupedBars, points, targets };
