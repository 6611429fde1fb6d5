#include "engine/handler/watch.h"

#include <errno.h>
#include <time.h>

// __GLIBC_PREREQ cannot even be parsed where the C library does not define it: musl, macOS.
#ifdef __GLIBC__
#if __GLIBC_PREREQ(2, 30)
#define SB_HAS_SEM_CLOCKWAIT 1
#endif
#endif

namespace sigbridge {

SB_CALLS_OUT void Watch::arrived(const Record& record) {
  // One handler at a time writes the first arrival; whoever comes meanwhile only counts.
  const bool writes = !writing_.exchange(true);
  uint32_t before = untaken_.load();
  uint32_t after;
  do {
    const bool isFirst = writes && (before & kWritten) == 0;
    if (isFirst) first_ = record;
    after = before + kOne + (isFirst ? kWritten : 0);
  } while (!untaken_.compare_exchange_weak(before, after));
  if (writes) writing_.store(false);
  sem_post(&bell_);
  ask_(argument_);
}

void Watch::taken() {
  looks_.fetch_add(1);  // first: what comes after the exchange has come after this look
  if (untaken_.exchange(0) != 0) sem_post(&bell_);
}

bool Watch::waitForBellUntil(int64_t until) {
#ifdef SB_HAS_SEM_CLOCKWAIT
  const struct timespec end = {until / 1000000000, until % 1000000000};
  while (sem_clockwait(&bell_, CLOCK_MONOTONIC, &end) != 0) {
    if (errno == ETIMEDOUT) return false;
  }
  return true;
#else
  for (;;) {
    if (sem_trywait(&bell_) == 0) return true;
    const int64_t left = until - monotonicNow();
    if (left <= 0) return false;
    const int64_t step = left < 5000000 ? left : 5000000;
    const struct timespec pause = {0, step};
    nanosleep(&pause, nullptr);
  }
#endif
}

}  // namespace sigbridge
