#include "engine/control/view.h"

#include <algorithm>

#include "engine/control/managed.h"
#include "engine/control/plans.h"
#include "engine/handler/ours.h"

namespace sigbridge {

View viewOf(int signo) {
  const Managed& signal = managed(signo);
  View view = {};
  view.managed = signal.inUse();
  if (!view.managed) return view;
  view.displaced = readAction(signo, &view.standing) == 0 && !isOurs(view.standing);
  view.order = signal.order;
  view.callPrevious = shared().slots[signo].plan.load()->callPrevious;
  view.peerListens = shared().slots[signo].peerListens.load();
  return view;
}

std::vector<Action> cHandlersBelow(int signo) {
  const Managed& signal = managed(signo);
  std::vector<Action> found;
  Action standing;
  if (readAction(signo, &standing) != 0) return found;
  if (!signal.inUse() && !isOurs(standing)) {
    if (!isHandler(standing)) return found;  // whoever else there is would not be called by it
    if (isCallable(signo, standing)) found.push_back(standing);
  }
  for (int level = isOurs(standing) ? levelOf(standing) : signal.top; level >= 0; level--) {
    const Action& below = signal.levels[level];
    const bool known = std::any_of(found.begin(), found.end(), [&](const Action& other) {
      return addressOf(other) == addressOf(below);
    });
    if (isCallable(signo, below) && !known) found.push_back(below);
  }
  return found;
}

}  // namespace sigbridge
