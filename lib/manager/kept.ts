// The kept libraries that the manager is built on. The build puts them into this one file (see
// docs/dependencies.md), so nothing of theirs may show in the types of the public face.

/** @internal */
export { default as PQueue } from 'p-queue';
/** @internal */
export { LRUCache } from 'lru-cache';
/** @internal */
export {
  CircuitState,
  ConsecutiveBreaker,
  TimeoutStrategy,
  circuitBreaker,
  handleAll,
  timeout,
} from 'cockatiel';
