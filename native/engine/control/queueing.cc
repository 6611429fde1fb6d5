#include "engine/control/queueing.h"

#include <sys/resource.h>

#include "engine/control/managed.h"
#include "engine/control/plans.h"

namespace sigbridge {

namespace {

bool hasRoom() {
#if defined(__linux__)
  // As much as comes, from the fastest sender, while a loop that does not turn is waited for.
  constexpr rlim_t kRoom = 32768;
  struct rlimit limit;
  return getrlimit(RLIMIT_SIGPENDING, &limit) == 0 && limit.rlim_cur >= kRoom;
#else
  return false;
#endif
}

// A flag, a watchdog, a hold, a worker are there for the time in which that loop does not turn.
bool isForMainLoopAlone(const Managed& signal) {
  return signal.members.size() == 1 && signal.members[0].receiver.inbox != nullptr &&
         signal.members[0].receiver.inbox->isMainThreads() && signal.holds.empty() &&
         signal.bridges == 0;
}

}  // namespace

bool mayBeLeftQueued(int signo) {
  const Managed& signal = managed(signo);
  const bool ordered = (control().ordered & bitOf(signo)) != 0;  // no other thread takes it
  const bool nobodyElse = signal.stage == Stage::kOnTop && !callsPrevious(signo);
  return isRealtime(signo) && ordered && nobodyElse && isForMainLoopAlone(signal) && hasRoom();
}

}  // namespace sigbridge
