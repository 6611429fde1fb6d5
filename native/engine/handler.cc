// The whole life of a signal inside the handler: capture it for those who listen, then call who was
// there before.
//
// While a plan is being read the handler is counted in as a reader; what is called afterwards is
// copied out first, because a chained handler may take its time, or never return.
#include "engine/handler.h"

#include <errno.h>
#include <pthread.h>

#include "engine/chain.h"
#include "engine/plan.h"
#include "engine/threads.h"

namespace sigbridge {

namespace {

struct Onward {
  Action previous;
  bool callPeer;
  bool callPrevious;
  bool mayReturn;  // `previous` may call our handler again
  bool standIn;    // nobody listens: do what `previous` says, be it the default
};

// The calls that are out to a handler which may call ours again. Thread-local storage of a loaded
// library may allocate, so it is a table; a thread that finds no place makes no such call.
class OpenCall {
 public:
  SB_IN_HANDLER static bool isOut(int signo) {
    const uint64_t own = keyOf(signo);
    for (std::atomic<uint64_t>& call : calls_) {
      if (call.load(std::memory_order_relaxed) == own) return true;
    }
    return false;
  }

  SB_IN_HANDLER explicit OpenCall(int signo) {
    for (std::atomic<uint64_t>& call : calls_) {
      uint64_t free = 0;
      if (call.compare_exchange_strong(free, keyOf(signo))) {
        place_ = &call;
        return;
      }
    }
  }
  SB_IN_HANDLER ~OpenCall() {
    if (place_ != nullptr) place_->store(0);
  }
  SB_IN_HANDLER bool placed() const { return place_ != nullptr; }

 private:
  // A thread's descriptor is aligned, and lies below 2^56: the signal fits beside it.
  SB_IN_HANDLER static uint64_t keyOf(int signo) {
    return (uint64_t(pthread_self()) << 7) | static_cast<uint64_t>(signo);
  }

  static std::atomic<uint64_t> calls_[128];
  std::atomic<uint64_t>* place_ = nullptr;
};

std::atomic<uint64_t> OpenCall::calls_[128];

// False when it was kept for later, also from those who listen through libuv.
SB_IN_HANDLER bool deliver(const Plan& plan, int signo, const siginfo_t* info, bool callPeer) {
  Record record;
  fillRecord(&record, signo, info, callPeer);
  if (plan.hold != nullptr && plan.hold->keep(record)) return false;
  for (unsigned i = 0; i < plan.count; i++) give(plan.receivers[i], record);
  return true;
}

SB_IN_HANDLER Onward capture(int signo, const siginfo_t* info, void* context) {
  Onward onward;
  Readers::Guard guard(shared().readers);
  const Plan* plan = shared().slots[signo].plan.load();
  if (plan == nullptr) {
    onward.callPeer = onward.callPrevious = onward.mayReturn = onward.standIn = false;
    return onward;
  }
  onward.previous = plan->previous;
  onward.mayReturn = plan->mayReturn;
  if (plan->mayReturn && OpenCall::isOut(signo)) {
    onward.previous = plan->below;
    onward.callPrevious = false;
    onward.standIn = true;
    return onward;
  }
  const bool peerListens = shared().slots[signo].peerListens.load();
  onward.standIn = plan->passThrough || (plan->watchOnly && !peerListens) ||
                   shared().forked.load(std::memory_order_relaxed);
  onward.callPrevious = plan->callPrevious;
  if (onward.standIn) return onward;
  if (plan->ordered) leaveToTheTaker(signo, context);
  onward.callPeer = deliver(*plan, signo, info, peerListens) && peerListens;
  return onward;
}

// SA_RESETHAND: one call, and the default afterwards.
SB_IN_HANDLER bool mayCall(const Action& action, int signo) {
  if ((action.sa_flags & static_cast<int>(SA_RESETHAND)) == 0) return true;
  return !shared().slots[signo].spent.exchange(true);
}

SB_CALLS_OUT void standInFor(const Action& previous, int signo, siginfo_t* info, void* context) {
  if (isIgnore(previous)) return;
  if (isHandler(previous) && mayCall(previous, signo)) {
    callHandler(previous, signo, info, context);
  } else {
    performDefault(signo);
  }
}

SB_CALLS_OUT void callPrevious(const Onward& onward, int signo, siginfo_t* info, void* context) {
  if (!mayCall(onward.previous, signo)) return;
  if (!onward.mayReturn) return callHandler(onward.previous, signo, info, context);
  OpenCall call(signo);
  if (call.placed()) callHandler(onward.previous, signo, info, context);
}

SB_CALLS_OUT void callPeer(int signo) {
  void (*const handler)(int) = shared().peerHandler.load(std::memory_order_acquire);
  if (handler == nullptr) return;
  shared().slots[signo].peerCalls.fetch_add(1);
  handler(signo);  // its mask is full, and so is ours: nothing to change around the call
}

}  // namespace

Action ourAction() {
  Action action = defaultAction();
  action.sa_sigaction = sigbridge_handler_v1;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  // As the C library reads a full set back, without the two signals it keeps for itself.
  sigfillset(&action.sa_mask);
  return action;
}

bool isOurs(const Action& action) {
  return addressOf(action) == reinterpret_cast<const void*>(sigbridge_handler_v1);
}

}  // namespace sigbridge

SB_HANDLER_ENTRY extern "C" void sigbridge_handler_v1(int signo, siginfo_t* info, void* context) {
  using namespace sigbridge;
  const int error = errno;
  const Onward onward = capture(signo, info, context);
  if (onward.standIn) {
    standInFor(onward.previous, signo, info, context);
  } else {
    if (onward.callPeer) callPeer(signo);
    if (onward.callPrevious) callPrevious(onward, signo, info, context);
  }
  errno = error;
}
