// Calling whoever is below one of our handlers, once the plan that named him has been let go.
#pragma once

#include "engine/handler/arrival.h"
#include "engine/handler/in_handler.h"
#include "engine/handler/plan.h"

namespace sigbridge {

struct Below {
  Level its;
  int level = -1;    // which one that is; -1 when there is nothing to call
  const void* over;  // what ours of the next level has found over the one that was called, or null
  bool mayReturn;    // it may call our handlers again
  bool told;         // those who listen hear of the signal: what it hands on is not new
  bool foreign;      // we are another process: what we do to our memory, the parent finds
};

// SA_RESETHAND: one call, and the default afterwards.
SB_IN_HANDLER bool mayCall(const Below& below, int signo);

// Who stands over us uses the signal for something of its own, and has handed it on because there
// was a handler below. Had the default been there, as it is now, it would have called nobody: many
// libraries compare with SIG_DFL first.
SB_IN_HANDLER bool isUsedAbove(const Below& below, const Arrival& arrival);

SB_CALLS_OUT void callBelow(const Below& below, const Arrival& arrival);

}  // namespace sigbridge
