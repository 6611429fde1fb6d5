// on() and close() in turn, within one turn of the event loop: between the two the listener is
// parked, by a word that the handler reads, and neither takes the lock.
//
// Guarantees: from close() on the signal acts as without the listener, on every thread; and whoever
// asks about the signal, or changes it, under the lock, finds it closed. Only the one user of a
// signal that stood at its default is parked: so our handler can stand in for what would be put
// back, and a child that is started meanwhile inherits none of it.
#pragma once

#include "engine/control/managed.h"

namespace sigbridge {

// On the thread of the peer's main loop, without the lock. False, and nothing has changed, where
// the lock has to be taken.
bool park(const Receiver& receiver, int signo);
bool unpark(const Receiver& receiver, int signo, bool wantsPrevious, Ordering ordering);

// Under the lock. A member has just come, or says anew what it wants.
void allowParking(int signo);
// Who is parked has gone.
void endParked(int signo);
void endAllParked();
// The same, and nobody parks until that is allowed again: before anybody else uses the signal.
void endParking(int signo);

}  // namespace sigbridge
