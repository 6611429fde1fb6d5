// What is known of each managed signal, and of the process: the state that everything in this
// folder works on, under the registry's lock.
//
// Of a signal there are its users, and where our handlers stand (stage.h). They change together:
//
//   step                  users  stage                top, levels            ordered
//   first user            one    kOnTop, kWrapped     what stood is on top   as ordering.h says
//   further user          more   -                    -                      as ordering.h says
//   reclaimed             -      kOnTop, kWrapped     one more level         as ordering.h says
//   last user, put back   none   kFree, kLingering    one less               cleared
//   last user, displaced  none   kBehind              kept, to be called     cleared
//   next turn (tend)      none   kFree, if lingering  -                      -
#pragma once

#include <stdint.h>

#include <atomic>
#include <vector>

#include "engine/control/peer.h"
#include "engine/control/stage.h"
#include "engine/handler/hold.h"
#include "engine/handler/plan.h"
#include "engine/handler/receiver.h"
#include "engine/signal/action.h"

namespace sigbridge {

// Whether the arrivals of a real-time signal keep their order for a listener: ordering.h.
enum class Ordering : uint8_t {
  kWhereHarmless,  // unless a C handler is called
  kAlways,         // or the listener is refused
  kNever,
};

struct Member {
  Receiver receiver;
  bool wantsPrevious;
  Ordering ordering;
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
  // What was put back when the last one left: for kLingering.
  Action left;
  // The last that was found below us to be another copy of sigbridge: it calls the peer itself.
  const void* sister = nullptr;
  bool isOverSister() const { return top >= 0 && isSister(levels[top]); }
  bool isSister(const Action& below) const {
    return isHandler(below) && addressOf(below) == sister;
  }

  Stage stage = Stage::kFree;

  // The last arrival that the peer was called for afterwards: ns of CLOCK_MONOTONIC.
  int64_t calledLateFor = 0;
};

struct Control {
  Peer* peer = nullptr;
  // The runtime's handler that ends the process, as it stood at the start.
  const void* ender = nullptr;
  // Signals by which its other handlers would end the process now.
  uint64_t unheard = 0;
  // Signals that the main thread alone takes.
  uint64_t ordered = 0;
  // Signals in the stage kLingering: asked at every turn of the loop.
  std::atomic<uint64_t> lingering{0};
  // Signals whose listener is parked, which ends at the next turn as well.
  std::atomic<uint64_t> parked{0};
  // Signals of which the peer's hold is still to be taken: the same.
  std::atomic<uint64_t> holdsDue{0};
  // How many signals have users.
  std::atomic<int> managed{0};
  Managed signals[kTableSize];
};

// One in a process, and never destroyed: handlers may run until its very end.
Control& control();
inline Managed& managed(int signo) { return control().signals[signo]; }

// The signal's stage changes as the table says, and with it who lingers.
void take(int signo, Step step);

}  // namespace sigbridge
