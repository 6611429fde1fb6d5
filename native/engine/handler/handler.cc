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

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#endif

#include "engine/handler/chain.h"
#include "engine/handler/plan.h"
#include "engine/handler/sender.h"
#include "engine/control/threads.h"
#include "engine/handler/trace.h"

namespace sigbridge {

namespace {

// One call of our handler: by the kernel, or by somebody who had installed over us and hands on.
struct Arrival {
  int level;
  int signo;
  siginfo_t* info;
  void* context;
  HandlerCall* steps;  // null where nobody looks
};

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
  bool mayReturn;  // `previous` may call our handlers again
  bool standIn;    // nobody listens: do what `previous` says, be it the default
  bool fault;
};

// The calls that are out to a handler which may call ours again. Thread-local storage of a loaded
// library may allocate, so it is a table; a thread that finds no place makes no such call.
class OpenCall {
 public:
  // The lowest level that this thread calls at the moment, and in `arrival` what it was called
  // with; kLevels when there is none.
  SB_IN_HANDLER static int lowest(Arrival* arrival) {
    const uint64_t own = keyOf(arrival->signo);
    int level = kLevels;
    for (const Call& call : calls_) {
      if (call.key.load(std::memory_order_relaxed) != own || call.level >= level) continue;
      level = call.level;
      arrival->info = call.info;
      arrival->context = call.context;
    }
    return level;
  }

  // The same of any thread.
  SB_IN_HANDLER static int lowestAnywhere(int signo) {
    int level = kLevels;
    for (const Call& call : calls_) {
      if ((call.key.load() & 0x7f) != static_cast<uint64_t>(signo)) continue;
      const int its = call.level.load(std::memory_order_relaxed);
      if (its < level) level = its;
    }
    return level;
  }

  SB_IN_HANDLER OpenCall(const Arrival& arrival, int level) {
    for (Call& call : calls_) {
      uint64_t free = 0;
      if (!call.key.compare_exchange_strong(free, keyOf(arrival.signo))) continue;
      call.level.store(level);
      call.info = arrival.info;
      call.context = arrival.context;
      place_ = &call;
      return;
    }
  }
  SB_IN_HANDLER ~OpenCall() {
    if (place_ != nullptr) place_->key.store(0);
  }
  SB_IN_HANDLER bool placed() const { return place_ != nullptr; }

 private:
  struct Call {
    std::atomic<uint64_t> key;
    std::atomic<int> level;
    // Read by the thread that wrote them only.
    siginfo_t* info;
    void* context;
  };

  // A thread's descriptor is aligned, and lies below 2^56: the signal fits beside it.
  SB_IN_HANDLER static uint64_t keyOf(int signo) {
    return (uint64_t(pthread_self()) << 7) | static_cast<uint64_t>(signo);
  }

  static Call calls_[128];
  Call* place_ = nullptr;
};

OpenCall::Call OpenCall::calls_[128];

// The four bytes at an address that may be anything: whether they can be read, and are these.
enum class Bytes { kUnreadable, kOthers, kThese };
SB_IN_HANDLER Bytes bytesAt(const void* address, int expected) {
#if defined(__linux__)
  // The one call that compares before it does anything. A point in time long past: the thread's
  // timer slack, 50 us, would be added to a wait of no time at all.
  const struct timespec past = {0, 0};
  constexpr int kWaitUntil = FUTEX_WAIT_BITSET_PRIVATE;
  syscall(SYS_futex, address, kWaitUntil, expected, &past, nullptr, FUTEX_BITSET_MATCH_ANY);
  if (errno == ETIMEDOUT) return Bytes::kThese;
  return errno == EAGAIN ? Bytes::kOthers : Bytes::kUnreadable;
#else
  return *static_cast<const int*>(address) == expected ? Bytes::kThese : Bytes::kOthers;
#endif
}

// The arguments that a handler with SA_SIGINFO needs, also where it was called as if it took one
// only, as some libraries call what they have saved: the other two are garbage then.
class Arguments {
 public:
  SB_IN_HANDLER explicit Arguments(Arrival* arrival) {
    if (areThere(*arrival)) return;
    memset(&info_, 0, sizeof info_);
    info_.si_signo = arrival->signo;
    info_.si_code = SI_USER;
    memset(&context_, 0, sizeof context_);
    pthread_sigmask(SIG_SETMASK, nullptr, &context_.uc_sigmask);
    arrival->info = &info_;
    arrival->context = &context_;
  }

 private:
  // What the kernel made lies just above this frame. Elsewhere it may be a copy, or nothing at all.
  SB_IN_HANDLER static bool areThere(const Arrival& arrival) {
    const uintptr_t here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    if (isNear(arrival.context, here) && isNear(arrival.info, here)) {
      return arrival.info->si_signo == arrival.signo;
    }
    const auto* context = static_cast<const ucontext_t*>(arrival.context);
    return bytesAt(arrival.info, arrival.signo) == Bytes::kThese &&
           bytesAt(context, 0) != Bytes::kUnreadable &&
           bytesAt(&context->uc_sigmask, 0) != Bytes::kUnreadable;
  }

  SB_IN_HANDLER static bool isNear(const void* argument, uintptr_t here) {
    const uintptr_t at = reinterpret_cast<uintptr_t>(argument);
    return at % alignof(void*) == 0 && at > here && at - here < 16 * 1024;
  }

  siginfo_t info_;
  ucontext_t context_;
};

// False when it was kept for later, also from those who listen through libuv.
SB_IN_HANDLER bool keepOrGive(const Plan& plan, const Arrival& arrival, bool callPeer) {
  Record record;
  fillRecord(&record, arrival.signo, arrival.info, callPeer);
  if (arrival.steps != nullptr) arrival.steps->captured = record.timestamp;
  shared().slots[arrival.signo].counts.arrived.fetch_add(1, std::memory_order_relaxed);
  for (Hold* hold : plan.holds) {
    if (hold != nullptr && hold->keep(record)) return false;
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

// Some put one of our handlers back and send the signal again, and the kernel may then choose
// another thread.
SB_IN_HANDLER bool mayBeSentAgain(const Plan& plan, const Arrival& arrival) {
  return arrival.level < plan.top && !plan.ordered && arrival.info->si_code == SI_USER &&
         arrival.info->si_pid == getpid();
}

// Some do so when their handler has long returned: the level of one that was called for a signal,
// has not handed it on yet, and has called kill() just now; kLevels when it was nobody.
SB_IN_HANDLER int sentAgainBy(const Plan& plan, const Arrival& arrival) {
  const uint32_t told = shared().slots[arrival.signo].told.load();
  const void* const killer = told != 0 ? killerOf(arrival.info, arrival.context) : nullptr;
  for (int level = arrival.level + 1; killer != nullptr && level <= plan.top; level++) {
    if ((told >> level & 1) != 0 && plan.levels[level].module.contains(killer)) return level;
  }
  return kLevels;
}

// Which levels are being called for this very signal, or were and hand it on; kLevels when it is
// new.
SB_IN_HANDLER int calledBy(const Plan& plan, Arrival* arrival) {
  if (!plan.mayReturn) return kLevels;
  int level = OpenCall::lowest(arrival);
  if (level == kLevels && mayBeSentAgain(plan, *arrival)) {
    level = OpenCall::lowestAnywhere(arrival->signo);
    if (level == kLevels) level = sentAgainBy(plan, *arrival);
  }
  if (level < kLevels) shared().slots[arrival->signo].told.fetch_and(~(uint32_t{1} << level));
  return level;
}

// The level that is up now: below all that are being called, so that nobody is called twice.
SB_IN_HANDLER int nextLevel(const Plan& plan, int level, int caller) {
  if (level > plan.high) level = plan.high;
  if (caller == kLevels) return level;
  if (level >= caller) level = caller - 1;
  while (level >= 0 && plan.levels[level].repeated) level--;
  return level;
}

// Who had installed itself over ours a second time has found itself below: it calls us now, and is
// not to be called again.
SB_IN_HANDLER int belowCaller(const Plan& plan, int signo, int level) {
  Action standing;
  if (!plan.mayReturn || readAction(signo, &standing) != 0) return level;
  while (level >= 0 && addressOf(plan.levels[level].previous) == addressOf(standing)) level--;
  return level;
}

SB_IN_HANDLER Onward decide(const Plan& plan, Arrival* arrival) {
  Onward onward;
  const int caller = calledBy(plan, arrival);
  const bool isNew = caller == kLevels;
  onward.level = nextLevel(plan, arrival->level, caller);
  if (isNew) onward.level = belowCaller(plan, arrival->signo, onward.level);
  if (onward.level >= 0) onward.below = plan.levels[onward.level];
  onward.mayReturn = plan.mayReturn;
  onward.fault = plan.fault;
  const bool heard = !plan.watchOnly || shared().slots[arrival->signo].peerListens.load();
  onward.standIn =
      plan.passThrough || plan.fault || !heard || shared().forked.load(std::memory_order_relaxed);
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
  return (shared().slots[signo].spent.fetch_or(own) & own) == 0;
}

SB_CALLS_OUT void call(const Onward& onward, const Arrival& arrival) {
  const Action& previous = onward.below.previous;
  if (!onward.mayReturn) {
    return callHandler(previous, arrival.signo, arrival.info, arrival.context);
  }
  OpenCall open(arrival, onward.level);
  // It hands on, if it does, what those who listen have heard.
  if (onward.deliver) shared().slots[arrival.signo].told.fetch_or(uint32_t{1} << onward.level);
  if (open.placed()) callHandler(previous, arrival.signo, arrival.info, arrival.context);
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
  call(onward, arrival);
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

SB_CALLS_OUT void handle(int level, int signo, siginfo_t* info, void* context) {
  const int error = errno;
  HandlerCall steps;
  Arrival arrival = {level, signo, info, context, begunTrace(signo, &steps)};
  const Arguments repaired(&arrival);
  bool peer = false;
  const Onward onward = begin(&arrival, &peer);
  if (onward.standIn) {
    standInFor(onward, arrival);
  } else if (onward.deliver && onward.nativeFirst) {
    callPrevious(onward, arrival);
    if (captureLate(arrival)) callPeer(arrival);
  } else {
    if (peer) callPeer(arrival);
    callPrevious(onward, arrival);
  }
  endTrace(arrival);
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

Action ourAction(int level) {
  Action action = defaultAction();
  action.sa_sigaction = kHandlers[level];
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  // As the C library reads a full set back, without the two signals it keeps for itself.
  sigfillset(&action.sa_mask);
  return action;
}

int levelOf(const Action& action) {
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
  call(onward, {onward.level, signo, info, &context, nullptr});
  errno = error;
  return true;
}

}  // namespace sigbridge
