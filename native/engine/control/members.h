// Who uses a signal: receivers, holds and bridges come and go.
//
// The first of them takes the signal over, the last one puts it back. All under the registry's
// lock; what can fail gives back 0 or an errno value.
#pragma once

#include "engine/control/managed.h"

namespace sigbridge {

int addMember(const Receiver& receiver, int signo, bool wantsPrevious, Ordering ordering);
void removeMember(const Receiver& receiver, int signo);
// In all signals: nobody takes its place.
void silenceMember(const Receiver& receiver);

int addHold(Hold* hold, int signo);
void removeHold(Hold* hold, int signo);

int addBridge(int signo, Order order);
void removeBridge(int signo);

}  // namespace sigbridge
