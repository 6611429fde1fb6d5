// What is known of each managed signal, and of the process: the state that everything in this
// folder works on, under the registry's lock.
//
// What a signal's words say, and which step changes them:
//
//   step                   users   top, levels           returns        ordered  lingering
//   first user             one     what stood is on top  as found       set      cleared
//   further user           more    -                     -              -        -
//   reclaimed              -       one more level        set            -        -
//   last user, ours stood  none    one less              -              cleared  set, if the peer
//                                                                                still holds
//   last user, displaced   none    kept, to be called    -              cleared  cleared
//   next turn (tend)       none    -                     -              -        cleared
//   peer begins to watch   none    -                     -              -        cleared
//
// So `lingering` and users exclude each other, and so do `ordered` and no users.
#pragma once

#include <stdint.h>

#include <vector>

#include "engine/control/peer.h"
#include "engine/handler/hold.h"
#include "engine/handler/plan.h"
#include "engine/handler/receiver.h"
#include "engine/signal/action.h"

namespace sigbridge {

struct Member {
  Receiver receiver;
  bool wantsPrevious;
};

// One signal.
struct Managed {
  // Its users.
  std::vector<Member> members;
  std::vector<Hold*> holds;  // the oldest keeps
  int bridges = 0;
  bool inUse() const { return !members.empty() || !holds.empty() || bridges > 0; }
  // A watchdog only looks on.
  bool isHeard() const;

  Order order = Order::kNativeLast;  // the bridges'
  // What is below each of our handlers, as far as they have been used. The topmost that is in the
  // chain is `top`, -1 for none; the others are saved by whoever installed over them.
  Action levels[kLevels];
  int top = -1;
  // Beyond `top`: those that were above one of ours when it was put back, and are there still.
  int high = -1;
  // Somebody above one of our handlers may call it.
  bool returns = false;
  // The topmost level is another copy of sigbridge, which calls the peer itself.
  bool overSister = false;
  // What was put back when the last one left.
  Action left;
};

struct Control {
  Peer* peer = nullptr;
  // The runtime's handler that ends the process, as it stood at the start.
  const void* ender = nullptr;
  // Signals by which its other handlers would end the process now.
  uint64_t unheard = 0;
  // Signals that the main thread alone takes.
  uint64_t ordered = 0;
  // Signals that the peer holds for us, though nobody listens.
  uint64_t lingering = 0;
  Managed signals[kTableSize];
};

// One in a process, and never destroyed: handlers may run until its very end.
Control& control();
inline Managed& managed(int signo) { return control().signals[signo]; }

}  // namespace sigbridge
