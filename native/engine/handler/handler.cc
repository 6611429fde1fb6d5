#include "engine/handler/handler.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>

#include "engine/handler/aftermath.h"
#include "engine/handler/arguments.h"
#include "engine/handler/arrival.h"
#include "engine/handler/below.h"
#include "engine/handler/caller.h"
#include "engine/handler/chain.h"
#include "engine/handler/debts.h"
#include "engine/handler/left_queued.h"
#include "engine/handler/plan.h"
#include "engine/signal/thread.h"

namespace sigbridge {

namespace {

// Writes down when it came this far.
SB_IN_HANDLER void note(const Arrival& arrival, int64_t HandlerCall::*step) {
  if (arrival.steps != nullptr) arrival.steps->*step = monotonicNow();
}

// What is to be done about it.
struct Onward {
  Below below;
  bool deliver;      // it is new to those who listen
  bool nativeFirst;  // and they come second
  bool callPrevious;
  bool runtimeRaises;  // `previous` may raise the signal through the runtime's
  bool standIn;        // nobody listens: do what `previous` says, be it the default
  bool fault;
  bool parked;  // the one who listens has closed
};

// False when it was kept for later, also from those who listen through libuv.
SB_IN_HANDLER bool keepOrGive(const Plan& plan, const Arrival& arrival, bool callPeer,
                              bool parked) {
  Record record;
  fillRecord(&record, arrival.signo, arrival.info, callPeer);
  if (arrival.steps != nullptr) arrival.steps->captured = record.timestamp;
  shared().slots[arrival.signo].counts.arrived.fetch_add(1, std::memory_order_relaxed);
  const bool othersTake = callPeer || plan.count > 0;
  for (Hold* hold : plan.holds) {
    if (hold == nullptr || (othersTake && hold->givesWayTo(arrival.signo))) continue;
    if (hold->keep(record)) return false;
  }
  for (unsigned i = 0; i < plan.count && !parked; i++) give(plan.receivers[i], record);
  return true;
}

// True when libuv's handler is to be called too.
SB_IN_HANDLER bool capture(const Plan& plan, const Arrival& arrival, bool parked) {
  const bool taker = plan.ordered && !arrival.queued &&
                     leaveToTheTaker(arrival.signo, arrival.info, arrival.context);
  const bool peerListens = plan.callPeer || shared().slots[arrival.signo].peerListens.load();
  const bool given = keepOrGive(plan, arrival, peerListens, parked);
  if (taker && plan.leaveQueued && !parked && plan.receivers[0].inbox->isFlooded() &&
      !peerListens) {
    leaveQueued(arrival.level, arrival.signo, arrival.context);
  }
  return given && peerListens;
}

// A child: of a fork, in which nobody takes what arrives, or of a vfork, which lives in our memory.
SB_IN_HANDLER bool isAnotherProcess() {
  return shared().forked.load(std::memory_order_relaxed) || shared().process.load() != getpid();
}

// Whether somebody takes it: who listens to libuv, or a receiver, or a hold that still keeps.
SB_IN_HANDLER bool isHeard(const Plan& plan, int signo, bool parked) {
  if (shared().slots[signo].peerListens.load()) return true;
  if (parked) return false;
  if (plan.count > 0 || plan.holds[0] == nullptr) return !plan.watchOnly;
  return !plan.holds[0]->givesWayTo(signo) ||
         (plan.holds[1] != nullptr && !plan.holds[1]->givesWayTo(signo));
}

// What is below is called with, or without, those who listen.
SB_IN_HANDLER Below belowOf(const Plan& plan, const Arrival& arrival, int caller) {
  Below below = {};
  below.level =
      plan.mayReturn ? levelBelow(plan, arrival, caller) : std::min(arrival.level, plan.high);
  if (below.level >= 0) below.its = plan.levels[below.level];
  if (arrival.level < plan.top) below.over = addressOf(plan.levels[arrival.level + 1].previous);
  below.mayReturn = plan.mayReturn;
  below.foreign = isAnotherProcess();
  return below;
}

SB_IN_HANDLER Onward decide(const Plan& plan, Arrival* arrival, bool parked) {
  const int caller = plan.mayReturn ? calledBy(plan, arrival) : kLevels;
  const bool isNew = caller == kLevels;
  Onward onward = {};
  onward.below = belowOf(plan, *arrival, caller);
  onward.fault = plan.fault;
  onward.parked = parked;
  onward.runtimeRaises = plan.runtimeRaises;
  onward.standIn = plan.passThrough || plan.fault ||
                   !isHeard(plan, arrival->signo, onward.parked) || onward.below.foreign;
  onward.deliver = onward.below.told = isNew && !onward.standIn;
  onward.nativeFirst = plan.order == Order::kNativeFirst;
  onward.callPrevious = onward.below.level >= 0 && onward.below.its.callable &&
                        (!isNew || (plan.callPrevious && plan.order != Order::kDeferred));
  return onward;
}

// With the capture, unless that comes second. `callPeer`: libuv's handler is up too.
SB_IN_HANDLER Onward begin(Arrival* arrival, bool* callPeer) {
  Readers::Guard guard(shared().readers);
  // Before the plan: one that still has who was parked is read together with the word that says so,
  // however long this thread stands still in between.
  const bool parked = shared().slots[arrival->signo].parking.load() >= Parking::kParked;
  const Plan* plan = shared().slots[arrival->signo].plan.load();
  if (plan == nullptr) return Onward();
  const Onward onward = decide(*plan, arrival, parked);
  if (onward.deliver && !onward.nativeFirst) {
    *callPeer = capture(*plan, *arrival, onward.parked);
  }
  return onward;
}

SB_IN_HANDLER bool captureLate(const Arrival& arrival) {
  Readers::Guard guard(shared().readers);
  const Plan* plan = shared().slots[arrival.signo].plan.load();
  return plan != nullptr && !plan->passThrough && capture(*plan, arrival, false);
}

SB_CALLS_OUT void standInFor(const Onward& onward, const Arrival& arrival) {
  const Action& previous = onward.below.its.previous;
  if (onward.below.level < 0) return;
  // The kernel lets nobody ignore what the thread cannot go on with.
  if (isIgnore(previous) && !(onward.fault && arrival.info->si_code > 0)) return;
  if (isHandler(previous) && mayCall(onward.below, arrival.signo)) {
    callBelow(onward.below, arrival);
  } else if (!onward.below.its.overruled && !isUsedAbove(onward.below, arrival)) {
    performDefault(arrival.signo);
  }
}

SB_CALLS_OUT void callPrevious(const Onward& onward, const Arrival& arrival) {
  if (!onward.callPrevious || !mayCall(onward.below, arrival.signo)) return;
  note(arrival, &HandlerCall::previousBegun);
  const RaisedByRuntime raised(onward.runtimeRaises, arrival);
  callBelow(onward.below, arrival);
  raised.takeBack();
  standAgainOver(onward.below.its.previous, arrival.signo, onward.below.level);
  note(arrival, &HandlerCall::previousEnded);
  if (arrival.steps == nullptr) return;
  arrival.steps->previous =
      static_cast<int64_t>(reinterpret_cast<intptr_t>(addressOf(onward.below.its.previous)));
}

SB_CALLS_OUT void callPeer(const Arrival& arrival) {
  void (*const handler)(int) = shared().peerHandler.load(std::memory_order_acquire);
  if (handler == nullptr) return;
  shared().slots[arrival.signo].peerCalls.fetch_add(1);
  note(arrival, &HandlerCall::peerBegun);
  handler(arrival.signo);  // its mask is full, and so is ours: nothing to change around the call
  note(arrival, &HandlerCall::peerEnded);
}

// `steps`, or null where nobody looks.
SB_IN_HANDLER HandlerCall* begunTrace(int signo, HandlerCall* steps) {
  if (!Trace::instance().isWanted()) return nullptr;
  steps->signo = signo;
  steps->thread = ownThread();
  steps->entered = monotonicNow();
  return steps;
}

// What was captured for nobody is no delivery.
SB_IN_HANDLER void endTrace(const Arrival& arrival) {
  if (arrival.steps == nullptr || arrival.steps->captured == 0) return;
  note(arrival, &HandlerCall::left);
  Trace::instance().put(*arrival.steps);
}

SB_CALLS_OUT void act(Arrival* arrival) {
  bool peer = false;
  const Onward onward = begin(arrival, &peer);
  if (onward.standIn) {
    standInFor(onward, *arrival);
  } else if (onward.deliver && onward.nativeFirst) {
    callPrevious(onward, *arrival);
    if (captureLate(*arrival)) callPeer(*arrival);
  } else {
    if (peer) callPeer(*arrival);
    callPrevious(onward, *arrival);
  }
  endTrace(*arrival);
}

// Apart, for its stack frame: that of a usual call may lie on a small alternate stack.
__attribute__((noinline)) SB_CALLS_OUT void actOnRepaired(Arrival* arrival) {
  OtherArguments others;
  repair(arrival, &others);
  act(arrival);
}

}  // namespace

SB_CALLS_OUT void handle(int level, int signo, siginfo_t* info, void* context) {
  const int error = errno;
  HandlerCall steps;
  Arrival arrival = {
      level, signo, info, context, begunTrace(signo, &steps), __builtin_frame_address(0),
      false, false};
  if (areTheKernels(arrival)) {
    act(&arrival);
  } else {
    actOnRepaired(&arrival);
  }
  errno = error;
}

SB_CALLS_OUT void handleQueued(int level, int signo, siginfo_t* info, void* context) {
  HandlerCall steps;
  Arrival arrival = {
      level, signo, info, context, begunTrace(signo, &steps), __builtin_frame_address(0),
      false, true};
  act(&arrival);
}

}  // namespace sigbridge
