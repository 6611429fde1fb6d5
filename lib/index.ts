export { inspect, inspectAll, ignored } from './look/inspect.js';
export type { ChainEntry, Disposition, SignalState } from './look/inspect.js';
export type { HandlerPlace, Owner } from './look/handler.js';
export { readProcess } from './look/process.js';
export type { ProcessSignals, ThreadSignals } from './look/process.js';
export { inherited } from './look/inherited.js';
export type { Inherited } from './look/inherited.js';
export { reset, ignore, restore, resetIgnored } from './change/change.js';
export type { Change, ChangeOptions, ResetIgnoredOptions } from './change/change.js';
export { on } from './receive/on.js';
export type { OnOptions } from './receive/on.js';
export { once } from './receive/once.js';
export type { OnceOptions } from './receive/once.js';
export { notify } from './receive/notify.js';
export type { NotifyOptions, SignalChannel } from './receive/notify.js';
export { abortSignal, SignalAbortError } from './receive/abortSignal.js';
export type { AbortSignalOptions } from './receive/abortSignal.js';
export { flag } from './receive/flag.js';
export type { SignalFlag } from './receive/flag.js';
export { prepare } from './two-phases/prepare.js';
export type { Registration } from './two-phases/prepare.js';
export { hold } from './two-phases/hold.js';
export type { Hold } from './two-phases/hold.js';
export type { SignalListener, Subscription } from './receive/Subscription.js';
export { SignalEvent } from './receive/SignalEvent.js';
export { bridge } from './bridge/bridge.js';
export type { Bridge, BridgeOptions } from './bridge/bridge.js';
export { handlersOf } from './bridge/handlers.js';
export { displaced, reclaim, onDisplaced } from './bridge/displaced.js';
export type { Displacement, DisplacementWatch, OnDisplacedOptions } from './bridge/displaced.js';
export { forwardTo } from './forward/forwardTo.js';
export type { Forwarding, ForwardTarget } from './forward/forwardTo.js';
export { mask, withBlocked, pending } from './lowlevel/mask.js';
export { wait } from './lowlevel/wait.js';
export type { WaitOptions } from './lowlevel/wait.js';
export { send, sendGroup, raise } from './lowlevel/send.js';
export type { SendOptions } from './lowlevel/send.js';
export { exitBySignal } from './lowlevel/exit.js';
export { watchdog } from './watchdog/watchdog.js';
export type { Watchdog, WatchdogOptions } from './watchdog/watchdog.js';
export type {
  ArrivalMessage,
  ChangeMessage,
  DeliveryMessage,
  DisplacementMessage,
  OverflowMessage,
} from './events/channels.js';
export type { Taker } from './events/book.js';
export { SignalError } from './errors/SignalError.js';
export type { SignalErrorCode } from './errors/SignalError.js';
export type { SignalName } from './signal/names.js';
export type { DefaultAction, SignalTraits } from './signal/traits.js';
