#include "engine/control/threads.h"

#if defined(__linux__)

#include <unistd.h>

#include "engine/control/lock.h"
#include "engine/control/rounds.h"
#include "engine/control/thread_list.h"
#include "engine/handler/debts.h"
#include "engine/signal/record.h"

namespace sigbridge {

namespace {

void forgetTheEnded() {
  for (Debtor& debtor : debtors) {
    const int thread = debtor.thread.load();
    if (thread != 0 && !exists(thread)) {
      debtor.signals.store(0);
      debtor.thread.store(0);
    }
  }
}

// The calling thread counts as told, without a signal.
void blockOwn(uint64_t signals) {
  forgetTheEnded();
  Debtor* debtor = debtorOf(ownThread());
  if (debtor == nullptr) return loseOrder(signals);
  debtor->signals.fetch_or(signals & ~ownMask());
  setOwnMask(ownMask() | signals);
}

void unblockOwn(uint64_t signals) {
  Debtor* debtor = debtorOf(ownThread());
  if (debtor == nullptr) return;
  setOwnMask(ownMask() & ~(debtor->signals.fetch_and(~signals) & signals));
}

uint64_t blockedByMainThread() {
  if (onMainThread()) return ownMask();
  const int64_t until = monotonicNow() + kPatience;
  ThreadState state;
  while (stateOf(getpid(), &state) && monotonicNow() < until &&
         (state.passing() || (!state.running && !restsSo(getpid(), state)))) {
    waitAMoment();
  }
  return state.blocked;
}

}  // namespace

bool onMainThread() { return ownThread() == getpid(); }

uint64_t leaveToMainThread(uint64_t signals) {
  // Blocked there too, they would reach nobody.
  signals &= ~blockedByMainThread();
  if (signals == 0) return 0;
  forgetTheEnded();
  tell(signals, 0, [&](int thread, uint64_t blocked) {
    return thread != getpid() && (signals & ~blocked) != 0;
  });
  if (!onMainThread()) blockOwn(signals);
  return signals;
}

void shareAmongThreads(uint64_t signals) {
  forgetTheEnded();
  tell(0, signals, [&](int thread, uint64_t) { return (owedBy(thread) & signals) != 0; });
  unblockOwn(signals);
}

void joinOrder(uint64_t signals) {
  if (signals == 0 || onMainThread()) return;
  // A worker that a told one has started is born with the block, and owes it as well.
  if (Debtor* debtor = debtorOf(ownThread())) debtor->signals.fetch_or(signals);
  blockOwn(signals);
}

Standstill::Standstill(uint64_t signals) : signals_(signals) {
  tell(signals, 0, [&](int, uint64_t blocked) { return (signals & ~blocked) != 0; });
  own_ = signals & ~ownMask();
  setOwnMask(ownMask() | own_);
}

Standstill::~Standstill() {
  tell(0, signals_, [&](int thread, uint64_t) { return (owedBy(thread) & signals_) != 0; });
  setOwnMask(ownMask() & ~own_);
}

}  // namespace sigbridge

#else

#include <pthread.h>

namespace sigbridge {

bool onMainThread() { return pthread_main_np() != 0; }
uint64_t leaveToMainThread(uint64_t) { return 0; }
void shareAmongThreads(uint64_t) {}
void joinOrder(uint64_t) {}
Standstill::Standstill(uint64_t signals) : signals_(signals), own_(0) {}
Standstill::~Standstill() { (void)signals_, (void)own_; }

}  // namespace sigbridge

#endif
