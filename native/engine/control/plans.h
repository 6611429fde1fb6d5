// What the handler is told about a signal: makes the plan from who uses it and what stood before.
//
// All under the registry's lock, not from a handler.
#pragma once

#include "engine/control/managed.h"

namespace sigbridge {

// False where there is no memory; then the plan before stands.
bool publishPlan(int signo);
// Tries until there is: out of memory must not leave a handler with a receiver that goes away.
void republishPlan(int signo);
// Nobody uses it: what stood before is all there is.
void publishPassThrough(int signo);

// Whether what stood before is called, in the handler, when the signal comes.
bool callsPrevious(int signo);
// A handler that may be called while somebody listens: not the peer's, nor one of the runtime's
// that ends the process, nor Node's that breaks off the script: with --trace-sigint it stands from
// the start, and goes for who listens.
bool isCallable(int signo, const Action& action);
bool isPeers(const Action& action);
bool endsTheProcess(const Action& action);

// Another copy of sigbridge below us calls the peer itself: then it never listens through us.
void setPeerListens(int signo, bool listens);
// False only where it is known that nobody else watches through the peer.
bool peerMayWatch(int signo);

}  // namespace sigbridge
