// Who has called our handler: the kernel, or somebody who had installed over us and hands on what
// those who listen have heard already.
//
// Entered only where somebody stands over one of our handlers. He may call it, with all of its
// arguments or one; put it back and send the signal again, at once or when his own handler has
// returned, to the process or to his thread; or have installed himself over us twice.
#pragma once

#include <stdint.h>

#include "engine/handler/arrival.h"
#include "engine/handler/in_handler.h"
#include "engine/handler/plan.h"

namespace sigbridge {

// A call that is out to a handler which may call ours again.
//
// He may also leave it by a jump, or end his thread there: then nobody undoes what was written
// down. So it is found out at the thread's next arrival, by the stack, that such a call is over. It
// is a table, because thread-local storage of a loaded library may allocate; a call that finds no
// place is made all the same, and what is handed on from there is new.
class OpenCall {
 public:
  SB_IN_HANDLER OpenCall(const Arrival& arrival, int level);
  SB_IN_HANDLER ~OpenCall();
  OpenCall(const OpenCall&) = delete;
  OpenCall& operator=(const OpenCall&) = delete;

 private:
  uint64_t number_;
  int place_ = -1;
};

// The handler of this level is about to be called for what those who listen have heard; and it has
// returned, and may have put back one of our handlers and sent the signal again: raise(3) does not
// come before our own has returned as well.
SB_IN_HANDLER void toldTo(int level, int signo);
SB_IN_HANDLER void hasReturned(const Arrival& arrival);

// Which level is being called for this very signal, or was and hands it on; kLevels when it is new.
SB_IN_HANDLER int calledBy(const Plan& plan, Arrival* arrival);

// The level that is up now: below the one that is being called, so that nobody is called twice.
SB_IN_HANDLER int levelBelow(const Plan& plan, const Arrival& arrival, int caller);

}  // namespace sigbridge
