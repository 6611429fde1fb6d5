#include "engine/control/sisters.h"

#include <dlfcn.h>

#include "engine/control/peer_care.h"
#include "engine/control/plans.h"
#include "engine/control/takeover.h"
#include "engine/handler/ours.h"
#include "engine/signal/who.h"

namespace sigbridge {

bool leaveSister(int signo, const Action& standing) {
  Dl_info place;
  if (!isSisterHandler(addressOf(standing)) || dladdr(addressOf(standing), &place) == 0)
    return false;
  void* const sister = dlopen(place.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  if (sister == nullptr) return false;
  using Relink = int (*)(int, const Action*, const Action*);
  const Relink relink = reinterpret_cast<Relink>(dlsym(sister, "sigbridge_relink_v1"));
  Managed& signal = managed(signo);
  const Action target = leftOf(signo, signal.top);
  const Action ours = ourAction(signal.top);
  const bool done = relink != nullptr && relink(signo, &ours, &target) != 0;
  dlclose(sister);
  if (!done) return false;
  signal.levels[signal.top] = target;
  publishPassThrough(signo);
  letGo(signo, standing);
  take(signo, Step::kPutBack);
  return true;
}

bool relinkSister(int signo, const Action& from, const Action& to) {
  Managed& signal = managed(signo);
  int level = signal.top;
  while (level >= 0 && addressOf(signal.levels[level]) != addressOf(from)) level--;
  if (level < 0) return false;
  signal.levels[level] = to;
  if (!signal.inUse()) {
    publishPassThrough(signo);
    return true;
  }
  if (level == signal.top) setPrevious(signo, to);
  setPeerListens(signo, true);  // until the next look
  return publishPlan(signo);
}

}  // namespace sigbridge
