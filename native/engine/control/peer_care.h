// The peer's hold on a signal: how it ends, and what the peer caught while it stood in our place.
//
// The peer sets SIG_DFL when its last watcher goes, so a hold ends either while that is what is to
// stand anyway, or while no thread takes the signal. All under the registry's lock.
#pragma once

#include "engine/control/managed.h"

namespace sigbridge {

// Ends our hold, so that `left` stands afterwards unless the peer has other watchers. True if it
// has.
bool letGo(int signo, const Action& left);
// Puts back what stood before us, unless somebody has installed over us.
void takeOursAway(int signo);
// The same, if it was left to the next turn: what is read from now on is what stands for good.
void settle(int signo);
// What was left for a turn of the event loop.
bool peerNeedsTending();
void tendPeer();
// Of one signal: before somebody begins to watch it through the peer.
void endLingering(int signo);
// Calls it for an arrival that it was not called for, though somebody may watch by now; once for
// each.
void callPeerLate(const Record& record);

}  // namespace sigbridge
