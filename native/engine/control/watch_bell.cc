// The watching thread's side of a watch: it waits for the bell, which no handler may.
#include <errno.h>
#include <semaphore.h>
#include <time.h>

#include "engine/handler/watch.h"

// __GLIBC_PREREQ cannot even be parsed where the C library does not define it: musl, macOS.
#ifdef __GLIBC__
#if __GLIBC_PREREQ(2, 30)
#define SB_HAS_SEM_CLOCKWAIT 1
#endif
#endif

namespace sigbridge {

bool Watch::open() { return sem_init(&bell_, 0, 0) == 0; }

void Watch::waitForBell() {
  while (sem_wait(&bell_) != 0) {
  }
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
