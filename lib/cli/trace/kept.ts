/**
 * @internal The library that is built in. It makes a file of its own, which the page alone loads.
 */
export { scaleLinear } from 'd3-scale';
