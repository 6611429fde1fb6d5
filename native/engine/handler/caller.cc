#include "engine/handler/caller.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

#include "engine/handler/chain.h"
#include "engine/handler/ours.h"
#include "engine/handler/sender.h"
#include "engine/signal/thread.h"

namespace sigbridge {

namespace {

struct Call {
  std::atomic<uint64_t> key;  // the thread and the signal; 0 while it is free
  std::atomic<int> level;
  std::atomic<uint64_t> number;  // the higher, the later
  std::atomic<int> thread;
  // Read by the thread that wrote them only.
  const void* frame;
  siginfo_t* info;
  void* context;
};

// How long a signal is waited for that has been sent and is still to be taken, in ns; and one that
// another thread has taken already, and is about to handle.
constexpr int64_t kPatience = 1000 * 1000 * 1000;
constexpr int64_t kOnItsWay = 20 * 1000 * 1000;

constexpr int kCalls = 128;
Call calls[kCalls];
std::atomic<uint64_t> lastNumber{0};

// A thread's descriptor is aligned, and lies below 2^56: the signal fits beside it.
SB_IN_HANDLER uint64_t keyOf(int signo) {
  return (uint64_t(pthread_self()) << 7) | static_cast<uint64_t>(signo);
}

SB_IN_HANDLER bool isOnAlternateStack(const void* frame, const void* context) {
  const stack_t& stack = static_cast<const ucontext_t*>(context)->uc_stack;
  const uintptr_t from = reinterpret_cast<uintptr_t>(stack.ss_sp);
  return reinterpret_cast<uintptr_t>(frame) - from < stack.ss_size;
}

// Stacks grow downwards: what does not lie above us on our own stack has been left.
SB_IN_HANDLER bool isOver(const Call& call, const Arrival& arrival) {
  return call.frame <= arrival.frame && isOnAlternateStack(call.frame, arrival.context) ==
                                            isOnAlternateStack(arrival.frame, arrival.context);
}

// Frees the calls of this thread that were left, and gives back the latest of the others.
SB_IN_HANDLER const Call* latestOpen(const Arrival& arrival) {
  const Call* latest = nullptr;
  for (Call& call : calls) {
    if (call.key.load(std::memory_order_relaxed) != keyOf(arrival.signo)) continue;
    if (isOver(call, arrival)) {
      call.key.store(0);
    } else if (latest == nullptr || call.number > latest->number) {
      latest = &call;
    }
  }
  return latest;
}

SB_IN_HANDLER bool isGone(int thread) {
#if defined(__linux__)
  return syscall(SYS_tgkill, getpid(), thread, 0) != 0 && errno == ESRCH;
#else
  return thread < 0;
#endif
}

// Where there is no room any more: a call of a thread that has ended in it.
SB_IN_HANDLER int placeFor(uint64_t key) {
  for (const bool full : {false, true}) {
    for (int i = 0; i < kCalls; i++) {
      uint64_t before = calls[i].key.load();
      const bool usable = full ? isGone(calls[i].thread.load()) : before == 0;
      if (usable && calls[i].key.compare_exchange_strong(before, key)) return i;
    }
  }
  return -1;
}

SB_IN_HANDLER bool hasArgumentsOf(const Arrival& arrival, const Call& call) {
  return arrival.info == call.info || arrival.context == call.context;
}

// The lowest level that is called on this thread with these arguments, as far as there is one.
SB_IN_HANDLER int lowestWith(const Arrival& arrival) {
  int level = kLevels;
  for (const Call& call : calls) {
    if (call.key.load(std::memory_order_relaxed) != keyOf(arrival.signo)) continue;
    if (hasArgumentsOf(arrival, call)) level = std::min(level, call.level.load());
  }
  return level;
}

SB_IN_HANDLER bool isSentByUs(const Arrival& arrival) {
  const int code = arrival.info->si_code;
  const bool sent = code == SI_USER || code == SI_QUEUE
#if defined(__linux__)
                    || code == SI_TKILL
#endif
      ;
  return sent && arrival.info->si_pid == getpid();
}

// By somebody who copies the arguments, or who has put us back and sends it again. What comes to
// the level that called him, or to one above, has come anew.
SB_IN_HANDLER bool isHandedOnDifferently(const Arrival& arrival, const Call& latest) {
  if (arrival.repaired) return true;
  if (arrival.level >= latest.level) return false;
  Action standing;
  const bool stands =
      readAction(arrival.signo, &standing) == 0 && levelOf(standing) == arrival.level;
  return !stands || isSentByUs(arrival);
}

// The level that this thread calls for this signal at the moment, and in `arrival` what it was
// called with; kLevels when it is a new one.
SB_IN_HANDLER int calledHere(Arrival* arrival) {
  const Call* const latest = latestOpen(*arrival);
  if (latest == nullptr) return kLevels;
  const int level = lowestWith(*arrival);
  if (level < kLevels || !isHandedOnDifferently(*arrival, *latest)) return level;
  arrival->info = latest->info;
  arrival->context = latest->context;
  return lowestWith(*arrival);
}

// The lowest level that any thread calls for a signal, and that has not handed it on yet.
SB_IN_HANDLER int calledAnywhere(int signo) {
  const uint32_t told = shared().slots[signo].told.load();
  int level = kLevels;
  for (const Call& call : calls) {
    if ((call.key.load() & 0x7f) != static_cast<uint64_t>(signo)) continue;
    const int its = call.level.load(std::memory_order_relaxed);
    if (its < level && (told >> its & 1) != 0) level = its;
  }
  return level;
}

// Some put one of our handlers back and send the signal again, and the kernel may then choose
// another thread.
SB_IN_HANDLER bool mayBeSentAgain(const Plan& plan, const Arrival& arrival) {
  return arrival.level < plan.top && !plan.ordered && isSentByUs(arrival);
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

// Some do so at the end of their handler, and what they have sent comes when that has returned.
SB_IN_HANDLER int leftFor(const Plan& plan, const Arrival& arrival) {
  const Slot& slot = shared().slots[arrival.signo];
  const int64_t until = slot.awaitedUntil.load();
  if (until == 0 || monotonicNow() > until) return kLevels;
  const uint32_t told = slot.told.load();
  int level = arrival.level + 1;
  while (level <= plan.top && (told >> level & 1) == 0) level++;
  return level <= plan.top ? level : kLevels;
}

SB_IN_HANDLER int nextLevel(const Plan& plan, int level, int caller) {
  if (caller == kLevels) return level;
  if (level >= caller) level = caller - 1;
  while (level >= 0 && plan.levels[level].repeated) level--;
  return level;
}

// Who had installed itself over ours a second time has found itself below: it calls us now, and is
// not to be called again.
SB_IN_HANDLER int belowCaller(const Plan& plan, int signo, int level) {
  Action standing;
  if (readAction(signo, &standing) != 0) return level;
  while (level >= 0 && addressOf(plan.levels[level].previous) == addressOf(standing)) level--;
  return level;
}

}  // namespace

SB_IN_HANDLER OpenCall::OpenCall(const Arrival& arrival, int level)
    : number_(lastNumber.fetch_add(1) + 1) {
  place_ = placeFor(keyOf(arrival.signo));
  if (place_ < 0) return;
  Call& call = calls[place_];
  call.level.store(level);
  call.number.store(number_);
  call.thread.store(ownThread());
  call.frame = arrival.frame;
  call.info = arrival.info;
  call.context = arrival.context;
}

SB_IN_HANDLER OpenCall::~OpenCall() {
  // Unless a handler has come in between and found it over.
  if (place_ >= 0 && calls[place_].number.load() == number_) calls[place_].key.store(0);
}

SB_IN_HANDLER void toldTo(int level, int signo) {
  Slot& slot = shared().slots[signo];
  slot.awaitedUntil.store(0);
  slot.told.fetch_or(uint32_t{1} << level);
}

SB_IN_HANDLER void hasReturned(const Arrival& arrival) {
  Action standing;
  if (readAction(arrival.signo, &standing) != 0) return;
  const int stands = levelOf(standing);
  if (stands < 0 || stands >= arrival.level) return;
  const int64_t patience = isPending(arrival.signo) ? kPatience : kOnItsWay;
  shared().slots[arrival.signo].awaitedUntil.store(monotonicNow() + patience);
}

SB_IN_HANDLER int calledBy(const Plan& plan, Arrival* arrival) {
  int level = calledHere(arrival);
  if (level == kLevels && mayBeSentAgain(plan, *arrival)) {
    level = calledAnywhere(arrival->signo);
    if (level == kLevels) level = sentAgainBy(plan, *arrival);
    if (level == kLevels) level = leftFor(plan, *arrival);
  }
  if (level < kLevels) shared().slots[arrival->signo].told.fetch_and(~(uint32_t{1} << level));
  return level;
}

SB_IN_HANDLER int levelBelow(const Plan& plan, const Arrival& arrival, int caller) {
  const int level = nextLevel(plan, std::min(arrival.level, plan.high), caller);
  return caller == kLevels ? belowCaller(plan, arrival.signo, level) : level;
}

}  // namespace sigbridge
