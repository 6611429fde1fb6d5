'use strict';

/** A Vega-Lite specification as SVG; the same text for the same specification. */
async function toSvg(spec) {
  const [{ compile }, vega] = await Promise.all([import('vega-lite'), import('vega')]);
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

module.exports = { toSvg };
