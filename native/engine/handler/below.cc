#include "engine/handler/below.h"

#include "engine/handler/caller.h"
#include "engine/handler/chain.h"
#include "engine/handler/ours.h"
#include "engine/handler/plan.h"
#include "engine/signal/signals.h"

namespace sigbridge {

namespace {

// Requests to end or to stop, and crashes: who stands over the default of these tidies up, and
// means the default to follow.
constexpr int kRequests[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGABRT, SIGSYS,
                             SIGXCPU, SIGXFSZ, SIGTSTP, SIGTTIN, SIGTTOU};

SB_IN_HANDLER bool isRequest(int signo) {
  for (const int request : kRequests) {
    if (request == signo) return true;
  }
  return isFault(signo);
}

SB_IN_HANDLER bool isSisterAbove(int signo, const void* handler) {
  const uint32_t above = shared().slots[signo].sistersAbove.load();
  const Sisters& sisters = shared().sisters;
  for (int i = 0; i < sisters.count.load(); i++) {
    if ((above >> i & 1) != 0 && sisters.modules[i].contains(handler)) return true;
  }
  return false;
}

}  // namespace

SB_IN_HANDLER bool isUsedAbove(const Below& below, const Arrival& arrival) {
  Action standing;
  if (isRequest(arrival.signo) || readAction(arrival.signo, &standing) != 0) return false;
  if (!isHandler(standing) || levelOf(standing) == arrival.level) return false;
  // Another copy uses it for nothing, and asks what is below.
  const void* const over = below.over != nullptr ? below.over : addressOf(standing);
  return !isSisterAbove(arrival.signo, over);
}

SB_IN_HANDLER bool mayCall(const Below& below, int signo) {
  if ((below.its.previous.sa_flags & static_cast<int>(SA_RESETHAND)) == 0) return true;
  const uint32_t own = uint32_t{1} << below.level;
  std::atomic<uint32_t>& spent = shared().slots[signo].spent;
  return ((below.foreign ? spent.load() : spent.fetch_or(own)) & own) == 0;
}

SB_CALLS_OUT void callBelow(const Below& below, const Arrival& arrival) {
  const Action& previous = below.its.previous;
  if (!below.mayReturn) {
    return callHandler(previous, arrival.signo, arrival.info, arrival.context);
  }
  const OpenCall open(arrival, below.level);
  // It hands on, if it does, what those who listen have heard.
  if (below.told) toldTo(below.level, arrival.signo);
  callHandler(previous, arrival.signo, arrival.info, arrival.context);
  if (below.told) hasReturned(arrival);
}

}  // namespace sigbridge
