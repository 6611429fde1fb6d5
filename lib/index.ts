/**
 * What stands for each signal, and ways to change, receive and send signals.
 * @module sigbridge
 */
export { isSupported } from './base/native/addon.js';
export { inspect, inspectAll, ignored } from './core/look/inspect.js';
export type { ChainEntry, Disposition, SignalState } from './core/look/inspect.js';
export type { HandlerPlace, Owner } from './core/look/handler.js';
export { readProcess } from './core/look/process.js';
export type { ProcessSignals, ThreadSignals } from './core/look/process.js';
export { inherited } from './core/look/inherited.js';
export type { Inherited } from './core/look/inherited.js';
export { reset, ignore, restore, resetIgnored } from './core/change/change.js';
export type { Change, ChangeOptions, ResetIgnoredOptions } from './core/change/change.js';
export { on } from './core/receive/on.js';
export type { OnOptions } from './core/receive/on.js';
export { once } from './core/receive/once.js';
export type { OnceOptions } from './core/receive/once.js';
export { notify } from './core/receive/notify.js';
export type { NotifyOptions, SignalChannel } from './core/receive/notify.js';
export { abortSignal, SignalAbortError } from './core/receive/abortSignal.js';
export type { AbortSignalOptions } from './core/receive/abortSignal.js';
export { flag } from './core/receive/flag.js';
export type { SignalFlag } from './core/receive/flag.js';
export { prepare } from './core/two-phases/prepare.js';
export type { Registration } from './core/two-phases/prepare.js';
export { hold } from './core/two-phases/hold.js';
export type { Hold } from './core/two-phases/hold.js';
export type { SignalListener, Subscription } from './core/receive/Subscription.js';
export { SignalEvent } from './core/events/SignalEvent.js';
export { bridge } from './core/bridge/bridge.js';
export type { Bridge, BridgeOptions } from './core/bridge/bridge.js';
export { handlersOf } from './core/bridge/handlers.js';
export { displaced, reclaim, onDisplaced } from './core/bridge/displaced.js';
export type { DisplacementWatch, OnDisplacedOptions } from './core/bridge/displaced.js';
export type { Displacement } from './core/events/Displacement.js';
export { forwardTo } from './core/forward/forwardTo.js';
export type { Forwarding, ForwardTarget } from './core/forward/forwardTo.js';
export { mask, withBlocked, pending } from './core/lowlevel/mask.js';
export { wait } from './core/lowlevel/wait.js';
export type { WaitOptions } from './core/lowlevel/wait.js';
export { send, sendGroup, raise } from './core/lowlevel/send.js';
export type { SendOptions } from './core/lowlevel/send.js';
export { exitBySignal } from './core/lowlevel/exit.js';
export { watchdog } from './core/watchdog/watchdog.js';
export type { Watchdog, WatchdogOptions } from './core/watchdog/watchdog.js';
export type {
  ArrivalMessage,
  ChangeMessage,
  DeliveryMessage,
  DisplacementMessage,
  OverflowMessage,
} from './core/events/channels.js';
export type { Taker } from './core/events/book.js';
export { SignalError } from './base/errors/SignalError.js';
export type { SignalErrorCode } from './base/errors/SignalError.js';
export type { SignalName } from './base/signal/names.js';
export type { DefaultAction, SignalTraits } from './base/signal/traits.js';
