// How the peer's hold on a signal begins: at once, or where that may wait, at the peer's next turn.
//
// To take it costs as much as all the rest of a subscription, and who comes and goes within a turn
// needs none. Until then the peer would put its handler over ours if somebody else began to watch:
// so whoever may begin is announced (Peer::mayPostponeHold), and the hold is taken before he does.
// All under the registry's lock.
#pragma once

#include "engine/control/managed.h"

namespace sigbridge {

// The first user of the signal has come, and our handler stands.
void beginHold(int signo);
// It cannot wait any longer, of one signal or of all.
void takeDueHold(int signo);
void takeDueHolds();

}  // namespace sigbridge
