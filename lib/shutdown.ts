/**
 * The one way in which a program ends, in order.
 * @module sigbridge/shutdown
 */
export { createShutdown } from './shutdown/createShutdown.js';
export type { Shutdown, ShutdownEvents } from './shutdown/Shutdown.js';
export type { ShutdownOptions } from './shutdown/options.js';
export type {
  EndHook,
  ShutdownReason,
  ShutdownReport,
  StageContext,
  StageOptions,
  StageResult,
  StageTask,
} from './shutdown/stage.js';
export { httpServer } from './shutdown/stages/httpServer.js';
export type {
  AnyHttpServer,
  HttpServerOptions,
  HttpServerStage,
} from './shutdown/stages/httpServer.js';
export { webSockets } from './shutdown/stages/webSockets.js';
export type { WebSocketServerLike, WebSocketsOptions } from './shutdown/stages/webSockets.js';
export { childProcesses, clusterWorkers } from './shutdown/stages/children.js';
export { closable } from './shutdown/stages/closable.js';
export type { ClosableOptions } from './shutdown/stages/closable.js';
export { pool } from './shutdown/stages/pool.js';
export type { Endable } from './shutdown/stages/pool.js';
export { supervisor } from './shutdown/supervise.js';
export type { Supervisor } from './shutdown/supervisor/Supervisor.js';
