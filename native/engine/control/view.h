// What of a signal can be looked at: how we stand in its chain, and who stands below.
//
// Changes nothing. Under the registry's lock, not from a handler.
#pragma once

#include <vector>

#include "engine/handler/plan.h"
#include "engine/signal/action.h"

namespace sigbridge {

struct View {
  bool managed;       // somebody listens
  bool displaced;     // and somebody else's action stands where ours was put
  bool callPrevious;  // chained
  bool peerListens;   // chained
  Order order;
  Action standing;
};

View viewOf(int signo);
// The C handlers below us, or below where we would stand, from the top. We call the first; each
// further one is called by the one before it, if that hands the signal on.
std::vector<Action> cHandlersBelow(int signo);

}  // namespace sigbridge
