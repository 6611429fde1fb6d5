#include "engine/control/ordering.h"

#include <algorithm>

#include "engine/control/lock.h"
#include "engine/control/plans.h"
#include "engine/control/threads.h"
#include "engine/handler/ours.h"
#include "engine/signal/who.h"

namespace sigbridge {

namespace {

bool anyListener(int signo, bool (*matches)(const Member&)) {
  const std::vector<Member>& members = managed(signo).members;
  return std::any_of(members.begin(), members.end(), matches);
}

bool isLibrarys(const Action& action) {
  return isHandler(action) && !isOurs(action) && !isPeers(action) &&
         !inRuntime(addressOf(action)) && !isSisterHandler(addressOf(action));
}

// One that is left out of the chain waits in vain in any case.
bool isLibraryCalled(int signo) {
  const Managed& signal = managed(signo);
  const bool left = !signal.members.empty() && signal.bridges == 0 &&
                    !anyListener(signo, [](const Member& member) { return member.wantsPrevious; });
  Action standing;
  if (left || readAction(signo, &standing) != 0) return false;
  if (!isOurs(standing)) return isLibrarys(standing);
  for (int level = levelOf(standing); level >= 0; level--) {
    if (isLibrarys(signal.levels[level])) return true;
  }
  return false;
}

bool isWanted(int signo) {
  const bool listened =
      anyListener(signo, [](const Member& member) { return member.ordering != Ordering::kNever; });
  return isRealtime(signo) && (listened || !managed(signo).holds.empty());
}

bool isOrdered(int signo) { return (control().ordered & bitOf(signo)) != 0; }

}  // namespace

bool isOrderRefused(int signo) {
  const bool insisted =
      anyListener(signo, [](const Member& member) { return member.ordering == Ordering::kAlways; });
  return insisted && isRealtime(signo) && isLibraryCalled(signo);
}

void beginOrder(int signo) {
  if (isOrdered(signo) || !isWanted(signo) || isLibraryCalled(signo)) return;
  if (control().peer != nullptr) {
    const OpenToSignals asBefore;
    control().peer->startThreads();
  }
  control().ordered |= leaveToMainThread(bitOf(signo));
}

void endOrder(int signo) {
  if (!isOrdered(signo)) return;
  const bool inUse = managed(signo).inUse();
  if (inUse && isWanted(signo) && !isLibraryCalled(signo)) return;
  // First of all no handler may block it any more.
  control().ordered &= ~bitOf(signo);
  if (inUse) republishPlan(signo);
  shareAmongThreads(bitOf(signo));
}

OrderKept orderKept(int signo) {
  if (!isWanted(signo) || isOrdered(signo)) return OrderKept::kYes;
  return isLibraryCalled(signo) ? OrderKept::kNotBeside : OrderKept::kNotByThread;
}

}  // namespace sigbridge
