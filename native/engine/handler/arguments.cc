#include "engine/handler/arguments.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#endif

namespace sigbridge {

namespace {

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

SB_IN_HANDLER bool areThere(const Arrival& arrival) {
  const auto* context = static_cast<const ucontext_t*>(arrival.context);
  return bytesAt(arrival.info, arrival.signo) == Bytes::kThese &&
         bytesAt(context, 0) != Bytes::kUnreadable &&
         bytesAt(&context->uc_sigmask, 0) != Bytes::kUnreadable;
}

}  // namespace

SB_IN_HANDLER void repair(Arrival* arrival, OtherArguments* others) {
  if (areThere(*arrival)) return;
  memset(others, 0, sizeof *others);
  others->info.si_signo = arrival->signo;
  others->info.si_code = SI_USER;
  pthread_sigmask(SIG_SETMASK, nullptr, &others->context.uc_sigmask);
  arrival->repaired = true;
  arrival->info = &others->info;
  arrival->context = &others->context;
}

}  // namespace sigbridge
