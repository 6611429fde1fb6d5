#include "engine/control/lock.h"

#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/control/children.h"
#include "engine/control/threads.h"
#include "engine/handler/left_queued.h"
#include "engine/handler/plan.h"
#include "engine/signal/signals.h"

#if defined(__linux__)
#include <sys/syscall.h>
#endif

namespace sigbridge {

namespace {

std::mutex mutex;
std::vector<Record> raises;
sigset_t* holdersMask = nullptr;  // as it will be when the lock is free

bool tryToTake(sigset_t* before) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, before);
  if (mutex.try_lock()) return true;
  pthread_sigmask(SIG_SETMASK, before, nullptr);
  return false;
}

void waitAMoment() {
  const struct timespec moment = {0, 20 * 1000};
  nanosleep(&moment, nullptr);
}

void take(sigset_t* before) {
  while (!tryToTake(before)) waitAMoment();
}

void give(const sigset_t& before) {
  mutex.unlock();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

// The forking thread's own. fork(2) copies the lock and the readers' counters as they stand: hold
// the one, clear the other.
sigset_t forkMask;
// A handler forks on the holder's own thread, while that is open to signals: both sides go on.
bool forkedByHolder = false;
bool forkedByMain = false;
std::atomic<bool> open{false};
pthread_t holder;

void beforeFork() {
  if (open.load() && pthread_equal(holder, pthread_self()) != 0) {
    forkedByHolder = true;
  } else {
    take(&forkMask);
    if (isLibuvForking(forkMask)) letChildrenBeAwaited();
    forkedByMain = onMainThread();
  }
}
void inParent() {
  if (!std::exchange(forkedByHolder, false)) give(sigset_t(forkMask));
}
void inChild() {
  shared().forked.store(true);
  shared().readers.reset();
  // The child has no queue to empty.
  const uint64_t queued = leftQueued.signals.exchange(0);
  if (forkedByMain) setOf(bitsOf(forkMask) & ~queued, &forkMask);
  inParent();
}

void raiseAgain(const Record& record) {
#if defined(__linux__)
  siginfo_t info;
  infoOf(record, &info);
  if (syscall(SYS_rt_sigqueueinfo, getpid(), record.signo, &info) == 0) return;
  // Any other thread than the main one may say so much only to itself: rt_sigqueueinfo(2).
  sigset_t only;
  sigset_t before;
  setOf(bitOf(record.signo), &only);
  pthread_sigmask(SIG_UNBLOCK, &only, &before);
  const pid_t thread = static_cast<pid_t>(syscall(SYS_gettid));
  const bool sent = syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, record.signo, &info) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (sent) return;
#endif
  kill(getpid(), record.signo);
}

}  // namespace

Lock::Lock() {
  take(&mask_);
  holdersMask = &mask_;
}

Lock::Lock(int looks) {
  owns_ = tryToTake(&mask_);
  while (!owns_ && --looks > 0) {
    waitAMoment();
    owns_ = tryToTake(&mask_);
  }
  if (owns_) holdersMask = &mask_;
}

Lock::~Lock() {
  if (!owns_) return;
  holdersMask = nullptr;
  const std::vector<Record> due = std::exchange(raises, {});
  give(sigset_t(mask_));
  for (const Record& record : due) raiseAgain(record);
}

void Lock::mindForks() { pthread_atfork(beforeFork, inParent, inChild); }

uint64_t ownMask() {
  sigset_t mask;
  if (holdersMask != nullptr) return bitsOf(*holdersMask);
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return bitsOf(mask);
}

void setOwnMask(uint64_t mask) {
  sigset_t set;
  setOf(mask, &set);
  if (holdersMask != nullptr) {
    *holdersMask = set;
  } else {
    pthread_sigmask(SIG_SETMASK, &set, nullptr);
  }
}

OpenToSignals::OpenToSignals() {
  holder = pthread_self();
  open.store(true);
  if (holdersMask != nullptr) pthread_sigmask(SIG_SETMASK, holdersMask, nullptr);
}

OpenToSignals::~OpenToSignals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  open.store(false);
}

void raiseAfterwards(const Record& record) { raises.push_back(record); }

}  // namespace sigbridge
