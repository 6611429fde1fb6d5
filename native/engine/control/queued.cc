#include "engine/control/queued.h"

#if defined(__linux__)

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

#include "engine/control/call_late.h"
#include "engine/control/lock.h"
#include "engine/control/threads.h"
#include "engine/handler/handler.h"
#include "engine/handler/left_queued.h"
#include "engine/handler/ours.h"
#include "engine/signal/record.h"
#include "engine/signal/signals.h"

namespace sigbridge {

namespace {

// How long a loop may not turn before its part is taken over, in ns.
constexpr long kPatience = 20 * 1000 * 1000;
// After so many such times without a flood nobody looks after it any more.
constexpr int kQuiet = 5;
// How many are taken in one go by whoever is not the loop.
constexpr size_t kGo = 256;
// How long another who is at it is waited for, in ns: he may have no processor to run on. The loop
// can come again.
constexpr int64_t kLoopWaits = 10 * 1000 * 1000;
constexpr int64_t kOthersWait = 1000 * 1000 * 1000;

std::atomic<bool> busy{false};
std::atomic<uint32_t> turns{0};

bool begin(int64_t patience) {
  for (int64_t until = 0; busy.exchange(true);) {
    if (until == 0) until = monotonicNow() + patience;
    if (monotonicNow() > until) return false;
    sched_yield();
  }
  return true;
}

void end() { busy.store(false); }

// A signal's level when ours stands for it; else -1.
int standingLevel(int signo) {
  Action standing;
  return readAction(signo, &standing) == 0 ? levelOf(standing) : -1;
}

// False when `most` have been taken, and there may be more. In the order in which the kernel would
// deliver them; every signal is blocked, as in a handler.
bool takeSome(uint64_t signals, size_t most) {
  ucontext_t context;
  contextOfNow(&context);
  for (int signo = firstRealtime(); signo < kTableSize; signo++) {
    const int level = (signals & bitOf(signo)) != 0 ? standingLevel(signo) : -1;
    if (level < 0) continue;
    const struct timespec now = {0, 0};
    sigset_t only;
    siginfo_t info;
    setOf(bitOf(signo), &only);
    while (sigtimedwait(&only, &info, &now) == signo) {
      handleQueued(level, signo, &info, &context);
      if (--most == 0) return false;
    }
  }
  return true;
}

void forget(uint64_t signals) { leftQueued.signals.fetch_and(~signals); }

// Every signal blocked, as in a handler; the mask that will be is `mask`.
class Closed {
 public:
  Closed() {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    mask = bitsOf(before);
  }
  ~Closed() {
    sigset_t after;
    setOf(mask, &after);
    pthread_sigmask(SIG_SETMASK, &after, nullptr);
  }
  uint64_t mask;
};

// Where the loop has not come since.
void takeInItsPlace(uint32_t since) {
  for (bool emptied = false; !emptied && turns.load() == since;) {
    if (!begin(kOthersWait)) return;
    emptied = takeSome(leftQueued.signals.load(), kGo);
    end();
  }
}

void lookAfterTheLoop() {
  for (int quiet = 0; quiet < kQuiet;) {
    const uint32_t before = turns.load();
    const struct timespec patience = {0, kPatience};
    nanosleep(&patience, nullptr);
    quiet = leftQueued.signals.load() == 0 ? quiet + 1 : 0;
    takeInItsPlace(before);
  }
}

void* runGuard(void*) {
  pthread_setname_np(pthread_self(), "sigbridge-queue");
  do {
    lookAfterTheLoop();
    leftQueued.guarded.store(false);
    // Left there meanwhile: unless the loop has found another guard, this one goes on.
  } while (leftQueued.signals.load() != 0 && !leftQueued.guarded.exchange(true));
  return nullptr;
}

// For as long as the flood lasts, and a moment. Every signal is blocked where it is born.
void startGuard() {
  if (leftQueued.guarded.exchange(true)) return;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  if (pthread_create(&thread, &attributes, runGuard, nullptr) != 0) leftQueued.guarded.store(false);
  pthread_attr_destroy(&attributes);
}

}  // namespace

bool takeQueued(size_t most) {
  if (leftQueued.signals.load() == 0 || !onMainThread()) return true;
  turns.fetch_add(1);
  Closed closed;
  startGuard();
  if (!begin(kLoopWaits)) return false;
  const uint64_t signals = leftQueued.signals.load();
  // Whoever has interrupted another handler found its mask put back behind him.
  closed.mask |= signals;
  const bool emptied = takeSome(signals, most);
  if (emptied) {
    forget(signals);
    closed.mask &= ~signals;
  }
  end();
  return emptied;
}

void settleQueued(int signo) {
  if ((leftQueued.signals.load() & bitOf(signo)) == 0 || !onMainThread()) return;
  if (begin(kOthersWait)) {
    while (!takeSome(bitOf(signo), kGo)) {
    }
    end();
  }
  forget(bitOf(signo));
  setOwnMask(ownMask() & ~bitOf(signo));
}

MaskOfTheProgram::MaskOfTheProgram() : here_(onMainThread()) {
  if (!here_) return;
  leftQueued.never.store(true);
  for (const int64_t until = monotonicNow() + kOthersWait; !takeQueued(kGo);) {
    if (monotonicNow() > until) return;
  }
}

MaskOfTheProgram::~MaskOfTheProgram() {
  if (here_) leftQueued.never.store(false);
}

}  // namespace sigbridge

#else

namespace sigbridge {
bool takeQueued(size_t) { return true; }
void settleQueued(int) {}
MaskOfTheProgram::MaskOfTheProgram() : here_(false) {}
MaskOfTheProgram::~MaskOfTheProgram() { (void)here_; }
}  // namespace sigbridge

#endif
