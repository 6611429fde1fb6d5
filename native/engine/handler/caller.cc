#include "engine/handler/caller.h"

#include <unistd.h>

#include <algorithm>

#include "engine/handler/sender.h"

namespace sigbridge {

OpenCall::Call OpenCall::calls_[128];

namespace {

// Some put one of our handlers back and send the signal again, and the kernel may then choose
// another thread.
SB_IN_HANDLER bool mayBeSentAgain(const Plan& plan, const Arrival& arrival) {
  return arrival.level < plan.top && !plan.ordered && arrival.info->si_code == SI_USER &&
         arrival.info->si_pid == getpid();
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

SB_IN_HANDLER int calledBy(const Plan& plan, Arrival* arrival) {
  int level = OpenCall::lowest(arrival);
  if (level == kLevels && mayBeSentAgain(plan, *arrival)) {
    level = OpenCall::lowestAnywhere(arrival->signo);
    if (level == kLevels) level = sentAgainBy(plan, *arrival);
  }
  if (level < kLevels) shared().slots[arrival->signo].told.fetch_and(~(uint32_t{1} << level));
  return level;
}

SB_IN_HANDLER int levelBelow(const Plan& plan, const Arrival& arrival, int caller) {
  const int level = nextLevel(plan, std::min(arrival.level, plan.high), caller);
  return caller == kLevels ? belowCaller(plan, arrival.signo, level) : level;
}

}  // namespace sigbridge
