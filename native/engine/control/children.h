// Children that libuv starts, beside code that wants no zombies (SA_NOCLDWAIT, or SIGCHLD ignored).
//
// Without us libuv's handler takes the place of such code's, and its child's end is heard. With us
// both stay: the kernel is told to keep zombies just before libuv forks the first child.
#pragma once

#include <signal.h>

namespace sigbridge {

// Under the lock, in a thread that is about to fork with this mask: libuv blocks nearly every
// signal then.
bool isLibuvForking(const sigset_t& mask);

// Under the lock.
void letChildrenBeAwaited();

}  // namespace sigbridge
