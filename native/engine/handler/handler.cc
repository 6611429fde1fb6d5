// The whole life of a signal inside the handler: capture it for those who listen, and call who was
// there before, in the order that the plan says.
//
// While a plan is being read the handler is counted in as a reader; what is called afterwards is
// copied out first, because a chained handler may take its time, or never return.
#include "engine/handler/handler.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>

#include "engine/handler/aftermath.h"
#include "engine/handler/arguments.h"
#include "engine/handler/arrival.h"
#include "engine/handler/caller.h"
#include "engine/handler/chain.h"
#include "engine/handler/debts.h"
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
  Level below;
  int level;         // which one that is; -1 when there is nothing to call
  bool deliver;      // it is new to those who listen
  bool nativeFirst;  // and they come second
  bool callPrevious;
  bool mayReturn;      // `previous` may call our handlers again
  bool runtimeRaises;  // `previous` may raise the signal through the runtime's
  bool standIn;        // nobody listens: do what `previous` says, be it the default
  bool foreign;        // another process: what it does to our memory, its parent finds
  bool fault;
};

// False when it was kept for later, also from those who listen through libuv.
SB_IN_HANDLER bool keepOrGive(const Plan& plan, const Arrival& arrival, bool callPeer) {
  Record record;
  fillRecord(&record, arrival.signo, arrival.info, callPeer);
  if (arrival.steps != nullptr) arrival.steps->captured = record.timestamp;
  shared().slots[arrival.signo].counts.arrived.fetch_add(1, std::memory_order_relaxed);
  const bool othersTake = callPeer || plan.count > 0;
  for (Hold* hold : plan.holds) {
    if (hold == nullptr || (othersTake && hold->givesWayTo(arrival.signo))) continue;
    if (hold->keep(record)) return false;
  }
  for (unsigned i = 0; i < plan.count; i++) give(plan.receivers[i], record);
  return true;
}

// True when libuv's handler is to be called too.
SB_IN_HANDLER bool capture(const Plan& plan, const Arrival& arrival) {
  if (plan.ordered) leaveToTheTaker(arrival.signo, arrival.context);
  const bool peerListens = shared().slots[arrival.signo].peerListens.load();
  return keepOrGive(plan, arrival, peerListens) && peerListens;
}

// A child: of a fork, in which nobody takes what arrives, or of a vfork, which lives in our memory.
SB_IN_HANDLER bool isAnotherProcess() {
  return shared().forked.load(std::memory_order_relaxed) || shared().process.load() != getpid();
}

// Whether somebody takes it: who listens to libuv, or a receiver, or a hold that still keeps.
SB_IN_HANDLER bool isHeard(const Plan& plan, int signo) {
  if (shared().slots[signo].peerListens.load()) return true;
  if (plan.count > 0 || plan.holds[0] == nullptr) return !plan.watchOnly;
  return !plan.holds[0]->givesWayTo(signo) ||
         (plan.holds[1] != nullptr && !plan.holds[1]->givesWayTo(signo));
}

SB_IN_HANDLER Onward decide(const Plan& plan, Arrival* arrival) {
  Onward onward;
  const int caller = plan.mayReturn ? calledBy(plan, arrival) : kLevels;
  const bool isNew = caller == kLevels;
  onward.level =
      plan.mayReturn ? levelBelow(plan, *arrival, caller) : std::min(arrival->level, plan.high);
  if (onward.level >= 0) onward.below = plan.levels[onward.level];
  onward.mayReturn = plan.mayReturn;
  onward.fault = plan.fault;
  onward.runtimeRaises = plan.runtimeRaises;
  onward.foreign = isAnotherProcess();
  onward.standIn =
      plan.passThrough || plan.fault || !isHeard(plan, arrival->signo) || onward.foreign;
  onward.deliver = isNew && !onward.standIn;
  onward.nativeFirst = plan.order == Order::kNativeFirst;
  onward.callPrevious = onward.level >= 0 && onward.below.callable &&
                        (!isNew || (plan.callPrevious && plan.order != Order::kDeferred));
  return onward;
}

// With the capture, unless that comes second. `callPeer`: libuv's handler is up too.
SB_IN_HANDLER Onward begin(Arrival* arrival, bool* callPeer) {
  Readers::Guard guard(shared().readers);
  const Plan* plan = shared().slots[arrival->signo].plan.load();
  Onward onward = {};
  onward.level = -1;
  if (plan == nullptr) return onward;
  onward = decide(*plan, arrival);
  if (onward.deliver && !onward.nativeFirst) *callPeer = capture(*plan, *arrival);
  return onward;
}

SB_IN_HANDLER bool captureLate(const Arrival& arrival) {
  Readers::Guard guard(shared().readers);
  const Plan* plan = shared().slots[arrival.signo].plan.load();
  return plan != nullptr && !plan->passThrough && capture(*plan, arrival);
}

// SA_RESETHAND: one call, and the default afterwards.
SB_IN_HANDLER bool mayCall(const Onward& onward, int signo) {
  if ((onward.below.previous.sa_flags & static_cast<int>(SA_RESETHAND)) == 0) return true;
  const uint32_t own = uint32_t{1} << onward.level;
  std::atomic<uint32_t>& spent = shared().slots[signo].spent;
  return ((onward.foreign ? spent.load() : spent.fetch_or(own)) & own) == 0;
}

SB_CALLS_OUT void call(const Onward& onward, const Arrival& arrival) {
  const Action& previous = onward.below.previous;
  if (!onward.mayReturn) {
    return callHandler(previous, arrival.signo, arrival.info, arrival.context);
  }
  const OpenCall open(arrival, onward.level);
  // It hands on, if it does, what those who listen have heard.
  if (onward.deliver) shared().slots[arrival.signo].told.fetch_or(uint32_t{1} << onward.level);
  callHandler(previous, arrival.signo, arrival.info, arrival.context);
}

SB_CALLS_OUT void standInFor(const Onward& onward, const Arrival& arrival) {
  const Action& previous = onward.below.previous;
  if (onward.level < 0) return;
  // The kernel lets nobody ignore what the thread cannot go on with.
  if (isIgnore(previous) && !(onward.fault && arrival.info->si_code > 0)) return;
  if (isHandler(previous) && mayCall(onward, arrival.signo)) {
    call(onward, arrival);
  } else {
    performDefault(arrival.signo);
  }
}

SB_CALLS_OUT void callPrevious(const Onward& onward, const Arrival& arrival) {
  if (!onward.callPrevious || !mayCall(onward, arrival.signo)) return;
  note(arrival, &HandlerCall::previousBegun);
  const RaisedByRuntime raised(onward.runtimeRaises, arrival.signo);
  call(onward, arrival);
  raised.takeBack();
  standAgainOver(onward.below.previous, arrival.signo, onward.level);
  note(arrival, &HandlerCall::previousEnded);
  if (arrival.steps == nullptr) return;
  arrival.steps->previous =
      static_cast<int64_t>(reinterpret_cast<intptr_t>(addressOf(onward.below.previous)));
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

SB_CALLS_OUT void handle(int level, int signo, siginfo_t* info, void* context) {
  const int error = errno;
  HandlerCall steps;
  Arrival arrival = {
      level, signo, info, context, begunTrace(signo, &steps), __builtin_frame_address(0), false};
  if (areTheKernels(arrival)) {
    act(&arrival);
  } else {
    actOnRepaired(&arrival);
  }
  errno = error;
}

}  // namespace

// clang-format off
#pragma GCC visibility push(default)
extern "C" {
SB_HANDLER_ENTRY void sigbridge_handler_v1(int s, siginfo_t* i, void* c) { handle(0, s, i, c); }
SB_HANDLER_ENTRY void sigbridge_handler_v1_1(int s, siginfo_t* i, void* c) { handle(1, s, i, c); }
SB_HANDLER_ENTRY void sigbridge_handler_v1_2(int s, siginfo_t* i, void* c) { handle(2, s, i, c); }
SB_HANDLER_ENTRY void sigbridge_handler_v1_3(int s, siginfo_t* i, void* c) { handle(3, s, i, c); }
SB_HANDLER_ENTRY void sigbridge_handler_v1_4(int s, siginfo_t* i, void* c) { handle(4, s, i, c); }
SB_HANDLER_ENTRY void sigbridge_handler_v1_5(int s, siginfo_t* i, void* c) { handle(5, s, i, c); }
SB_HANDLER_ENTRY void sigbridge_handler_v1_6(int s, siginfo_t* i, void* c) { handle(6, s, i, c); }
SB_HANDLER_ENTRY void sigbridge_handler_v1_7(int s, siginfo_t* i, void* c) { handle(7, s, i, c); }
}
#pragma GCC visibility pop
// clang-format on

namespace {

using Handler = void (*)(int, siginfo_t*, void*);
constexpr Handler kHandlers[kLevels] = {
    sigbridge_handler_v1,   sigbridge_handler_v1_1, sigbridge_handler_v1_2, sigbridge_handler_v1_3,
    sigbridge_handler_v1_4, sigbridge_handler_v1_5, sigbridge_handler_v1_6, sigbridge_handler_v1_7,
};

#if defined(__linux__)
extern "C" int getcontext(ucontext_t* context) __attribute__((weak));  // musl has none
#endif

void contextOfNow(ucontext_t* context) {
  memset(context, 0, sizeof *context);
#if defined(__linux__)
  if (getcontext != nullptr) getcontext(context);
#endif
  pthread_sigmask(SIG_SETMASK, nullptr, &context->uc_sigmask);
}

}  // namespace

namespace {

// Those by which the kernel does something else for the code below us than it would do without us.
constexpr int kFollowed = SA_RESTART | SA_ONSTACK | SA_NOCLDSTOP | SA_NOCLDWAIT;

}  // namespace

SB_IN_HANDLER Action ourActionOver(int signo, const Action& previous, int level) {
  Action action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = kHandlers[level];
  // Over nobody, where it is as safe as can be: code that never heard of signals may have little
  // stack, and expect no EINTR.
  int flags = isHandler(previous) ? previous.sa_flags : SA_RESTART | SA_ONSTACK;
  // Whose own stack is at its end, or no C stack at all, can be helped on another one only.
  if (isFault(signo)) flags |= SA_ONSTACK;
  action.sa_flags = SA_SIGINFO | (flags & kFollowed);
  // As the C library reads a full set back, without the two signals it keeps for itself.
  sigfillset(&action.sa_mask);
  return action;
}

Action ourAction(int level) { return ourActionOver(0, defaultAction(), level); }

SB_IN_HANDLER int levelOf(const Action& action) {
  for (int level = 0; level < kLevels; level++) {
    if (addressOf(action) == reinterpret_cast<const void*>(kHandlers[level])) return level;
  }
  return -1;
}

bool callLate(int signo, siginfo_t* info) {
  ucontext_t context;
  contextOfNow(&context);
  Onward onward = {};
  {
    Readers::Guard guard(shared().readers);
    const Plan* plan = shared().slots[signo].plan.load();
    if (plan == nullptr || plan->passThrough) return false;
    onward.level = plan->top;
    onward.below = plan->levels[plan->top];
    onward.mayReturn = plan->mayReturn;
    onward.deliver = true;  // was, when it came
  }
  if (!onward.below.callable || !mayCall(onward, signo)) return false;
  const int error = errno;
  // As in a handler: nothing comes between what is written down and the call.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  call(onward, {onward.level, signo, info, &context, nullptr, __builtin_frame_address(0), false});
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return true;
}

}  // namespace sigbridge
