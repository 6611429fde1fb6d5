// The kept library that the metrics are built on. The build puts it into this one file (see
// docs/dependencies.md), so nothing of its may show in the types of the public face.

/** @internal */
export { Counter, Gauge, Histogram, Registry } from 'prom-client';
