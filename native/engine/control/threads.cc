#include "engine/control/threads.h"

#if defined(__linux__)

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "engine/control/lock.h"
#include "engine/control/rounds.h"
#include "engine/control/thread_list.h"
#include "engine/handler/debts.h"
#include "engine/handler/left_queued.h"
#include "engine/handler/order.h"
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
  // What is left queued is there taken all the same.
  const uint64_t taken = leftQueued.signals.load();
  if (onMainThread()) return ownMask() & ~taken;
  const int64_t until = monotonicNow() + kPatience;
  ThreadState state;
  while (stateOf(getpid(), &state) && monotonicNow() < until &&
         (state.passing() || (!state.running && !restsSo(getpid(), state)))) {
    waitAMoment();
  }
  return state.blocked & ~taken;
}

// What is left to the main thread now.
uint64_t left = 0;
// Threads that blocked a signal by themselves when it began to be left there: as bits, by thread.
std::map<int, uint64_t> byThemselves;

void forgetWhoBlocked(uint64_t signals) {
  for (auto entry = byThemselves.begin(); entry != byThemselves.end();) {
    entry->second &= ~signals;
    const bool over = entry->second == 0 || !exists(entry->first);
    entry = over ? byThemselves.erase(entry) : std::next(entry);
  }
}

bool owes(int thread, uint64_t signals) { return (owedBy(thread) & signals) != 0; }

// A thread that was started by a told one is born with the block, and nobody has written that down.
// It is known by its mask, which is that of one that was told.
class Born {
 public:
  explicit Born(uint64_t signals) : signals_(signals) {}

  void see(int thread, uint64_t blocked) {
    if ((blocked & signals_) == 0) return;
    if (owes(thread, signals_)) {
      masks_.insert(blocked);
    } else {
      others_[thread] = blocked;
    }
  }

  // Whether there are any.
  bool writeDown() const {
    bool some = false;
    for (const auto& [thread, blocked] : others_) {
      const auto own = byThemselves.find(thread);
      const bool itself = own != byThemselves.end() && (own->second & signals_) != 0;
      if (masks_.count(blocked) == 0 || itself || waitsForSignals(thread)) continue;
      Debtor* const debtor = debtorOf(thread);
      if (debtor == nullptr) continue;
      debtor->signals.fetch_or(blocked & signals_);
      some = true;
    }
    return some;
  }

 private:
  const uint64_t signals_;
  std::set<uint64_t> masks_;  // of those that owe
  std::map<int, uint64_t> others_;
};

uint64_t owedByOthers(uint64_t signals) {
  uint64_t owed = 0;
  for (const Debtor& debtor : debtors) {
    const int thread = debtor.thread.load();
    const uint64_t its = debtor.signals.load() & signals;
    if (its != 0 && thread != ownThread() && exists(thread)) owed |= its;
  }
  return owed;
}

void takeBack(uint64_t signals, int64_t patience) {
  Born born(signals);
  born.see(ownThread(), ownMask());
  const auto owesAny = [&](int thread, uint64_t blocked) {
    born.see(thread, blocked);
    return owes(thread, signals);
  };
  tell(0, signals, owesAny, patience);
  if (born.writeDown()) tell(0, signals, owesAny, patience);
  theRound.arrears.store((theRound.arrears.load() & ~signals) | owedByOthers(signals));
}

// When debts are collected next, in ns of CLOCK_MONOTONIC, and how long after that.
int64_t nextCollection = 0;
int64_t pause = 0;
constexpr int64_t kFirstPause = 10 * 1000 * 1000;
constexpr int64_t kLongestPause = 1000 * 1000 * 1000;
// For an order to be carried out by a thread that can.
constexpr int64_t kGlance = 2 * 1000 * 1000;

}  // namespace

bool onMainThread() { return ownThread() == getpid(); }

uint64_t leaveToMainThread(uint64_t signals) {
  // Blocked there too, they would reach nobody.
  signals &= ~blockedByMainThread();
  if (signals == 0) return 0;
  forgetTheEnded();
  theRound.arrears.fetch_and(~signals);
  const uint64_t fresh = signals & ~std::exchange(left, left | signals);
  tell(signals, 0, [&](int thread, uint64_t blocked) {
    const uint64_t own = blocked & fresh & ~owedBy(thread);
    if (own != 0) byThemselves[thread] |= own;
    return thread != getpid() && (signals & ~blocked) != 0;
  });
  if (!onMainThread()) blockOwn(signals);
  return signals;
}

void shareAmongThreads(uint64_t signals) {
  forgetTheEnded();
  takeBack(signals, kPatience);
  unblockOwn(signals);
  left &= ~signals;
  forgetWhoBlocked(signals);
  pause = kFirstPause;
  nextCollection = monotonicNow() + pause;
}

bool isSomethingOwed() { return theRound.arrears.load() != 0; }

void collectDebts() {
  if (!isSomethingOwed() || monotonicNow() < nextCollection) return;
  takeBack(theRound.arrears.load(), kGlance);
  pause = std::min(2 * pause + kFirstPause, kLongestPause);
  nextCollection = monotonicNow() + pause;
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
  takeBack(signals_, kPatience);
  setOwnMask(ownMask() & ~own_);
}

}  // namespace sigbridge

#else

#include <pthread.h>

namespace sigbridge {

bool onMainThread() { return pthread_main_np() != 0; }
uint64_t leaveToMainThread(uint64_t) { return 0; }
void shareAmongThreads(uint64_t) {}
bool isSomethingOwed() { return false; }
void collectDebts() {}
void joinOrder(uint64_t) {}
Standstill::Standstill(uint64_t signals) : signals_(signals), own_(0) {}
Standstill::~Standstill() { (void)signals_, (void)own_; }

}  // namespace sigbridge

#endif
