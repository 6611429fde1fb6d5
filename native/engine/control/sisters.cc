#include "engine/control/sisters.h"

#include <dlfcn.h>

#include "engine/control/peer_care.h"
#include "engine/control/plans.h"
#include "engine/control/takeover.h"
#include "engine/handler/ours.h"
#include "engine/signal/who.h"

namespace sigbridge {

namespace {

// What the copy of sigbridge exports whose handler this is; null where it is none.
template <typename Function>
Function* askSister(const Action& handler, const char* name) {
  Dl_info place;
  if (!isSisterHandler(addressOf(handler)) || dladdr(addressOf(handler), &place) == 0) {
    return nullptr;
  }
  // It stays loaded: its handler stands.
  void* const sister = dlopen(place.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  if (sister == nullptr) return nullptr;
  Function* const found = reinterpret_cast<Function*>(dlsym(sister, name));
  dlclose(sister);
  return found;
}

bool isForeign(const Action& standing) {
  return isHandler(standing) && !isOurs(standing) && !inRuntime(addressOf(standing));
}

// False where it is none.
bool tell(int signo, const Action& handler, const CodeRange& sister) {
  if (!isForeign(handler)) return false;
  const auto above = askSister<void(int, const CodeRange*)>(handler, "sigbridge_above_v1");
  if (above != nullptr) above(signo, &sister);
  return above != nullptr;
}

const CodeRange& ownModule() {
  static const CodeRange own = moduleOf(addressOf(ourAction()));
  return own;
}

// Its place in the table; -1 where that is full.
int placeOfSister(const CodeRange& sister) {
  Sisters& known = shared().sisters;
  const int count = known.count.load();
  for (int i = 0; i < count; i++) {
    if (known.modules[i].from == sister.from) return i;
  }
  if (count == kSisters) return -1;
  known.modules[count] = sister;
  known.count.store(count + 1);
  return count;
}

}  // namespace

bool settleSister(int signo, const Action& standing) {
  if (!isForeign(standing)) return false;
  const auto settle = askSister<void(int)>(standing, "sigbridge_settle_v1");
  if (settle != nullptr) settle(signo);
  return settle != nullptr;
}

bool comeOver(int signo, const Action& standing) { return tell(signo, standing, ownModule()); }

void noteSisterAbove(int signo, const CodeRange& sister) {
  // Copies may stand over each other in a ring.
  static bool telling = false;
  const int place = placeOfSister(sister);
  if (telling || place < 0 || sister.from == ownModule().from) return;
  shared().slots[signo].sistersAbove.fetch_or(uint32_t{1} << place);
  telling = true;
  const Managed& signal = managed(signo);
  for (int level = 0; level <= signal.top; level++) tell(signo, signal.levels[level], sister);
  telling = false;
}

bool leaveSister(int signo, const Action& standing) {
  const auto relink =
      askSister<int(int, const Action*, const Action*)>(standing, "sigbridge_relink_v1");
  Managed& signal = managed(signo);
  const Action target = leftOf(signo, signal.top);
  const Action ours = ourAction(signal.top);
  if (relink == nullptr || relink(signo, &ours, &target) == 0) return false;
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
  setPeerListens(signo, peerMayWatch(signo));
  return publishPlan(signo);
}

}  // namespace sigbridge
