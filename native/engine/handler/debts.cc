#include "engine/handler/debts.h"

#if defined(__linux__)

#include <pthread.h>
#include <unistd.h>

#include "engine/handler/chain.h"
#include "engine/signal/signals.h"
#include "engine/signal/thread.h"

namespace sigbridge {

Debtor debtors[kDebtors];

namespace {

// Ids of threads follow one another, so the places from a thread's own on are enough, and what is
// asked in a handler does not grow with the number of threads.
constexpr int kNear = 64;

std::atomic<uint64_t> lostOrder{0};
std::atomic<uint64_t> strays{0};

SB_IN_HANDLER Debtor& placeNear(int thread, int distance) {
  return debtors[(thread + distance) % kDebtors];
}

}  // namespace

SB_IN_HANDLER Debtor* findDebtor(int thread) {
  for (int distance = 0; distance < kNear; distance++) {
    Debtor& debtor = placeNear(thread, distance);
    if (debtor.thread.load() == thread) return &debtor;
  }
  return nullptr;
}

SB_IN_HANDLER Debtor* debtorOf(int thread) {
  // Looked for first: a place may have become free before the one that it has.
  if (Debtor* known = findDebtor(thread)) return known;
  for (int distance = 0; distance < kNear; distance++) {
    Debtor& debtor = placeNear(thread, distance);
    int free = 0;
    if (debtor.thread.compare_exchange_strong(free, thread)) return &debtor;
  }
  return nullptr;
}

SB_IN_HANDLER void blockOnReturn(uint64_t signals, void* context) {
  const uint64_t before = maskIn(context);
  Debtor* debtor = debtorOf(ownThread());
  if (debtor == nullptr) {
    loseOrder(signals);
    return;
  }
  debtor->signals.fetch_or(signals & ~before);
  setMaskIn(context, before | signals);
}

SB_IN_HANDLER void unblockOnReturn(uint64_t signals, void* context) {
  Debtor* debtor = debtorOf(ownThread());
  if (debtor == nullptr) return;
  const uint64_t owed = debtor->signals.fetch_and(~signals) & signals;
  setMaskIn(context, maskIn(context) & ~owed);
}

SB_IN_HANDLER void loseOrder(uint64_t signals) { lostOrder.fetch_or(signals); }

SB_IN_HANDLER uint64_t takeLostOrder() {
  return lostOrder.load(std::memory_order_relaxed) == 0 ? 0 : lostOrder.exchange(0);
}

SB_IN_HANDLER uint64_t takeStrays() {
  return strays.load(std::memory_order_relaxed) == 0 ? 0 : strays.exchange(0);
}

SB_IN_HANDLER bool leaveToTheTaker(int signo, const siginfo_t* info, void* context) {
  // Known by its handle after the first time: to ask the kernel each time costs as much as the
  // rest.
  static std::atomic<pthread_t> taker{};
  const pthread_t own = pthread_self();
  if (taker.load(std::memory_order_relaxed) == own) return true;
  if (ownThread() == getpid()) {
    taker.store(own, std::memory_order_relaxed);
    return true;
  }
  blockOnReturn(bitOf(signo), context);
  // What is sent to one thread stands in no queue with the others.
  if (info->si_code != SI_TKILL) strays.fetch_or(bitOf(signo));
  return false;
}

}  // namespace sigbridge

#else

namespace sigbridge {
SB_IN_HANDLER uint64_t takeLostOrder() { return 0; }
SB_IN_HANDLER uint64_t takeStrays() { return 0; }
SB_IN_HANDLER bool leaveToTheTaker(int, const siginfo_t*, void*) { return false; }
}  // namespace sigbridge

#endif
