// What our handler does for one signal: an immutable table, replaced as a whole.
#pragma once

#include <atomic>

#include "engine/action.h"
#include "engine/hold.h"
#include "engine/readers.h"
#include "engine/receiver.h"

namespace sigbridge {

struct Plan {
  // What stood before us. It is in here before our handler can run.
  Action previous;
  // `previous` is a handler, and somebody who listens wants it kept.
  bool callPrevious;
  // `previous` was installed over us and may call our handler in turn, which then stands in for
  // what is `below` it.
  bool mayReturn;
  Action below;
  // Real-time: one thread takes it, so that the order is kept.
  bool ordered;
  // Nobody listens: `previous` is all there is. So stands a plan whose signal was given back, for
  // late arrivals, and for those who saved our handler and still call it.
  bool passThrough;
  // Those who listen only look on (a watchdog): a pass-through, unless libuv has listeners.
  bool watchOnly;
  // Keeps what arrives, until it is released; may be null.
  Hold* hold;
  unsigned count;
  Receiver receivers[1];  // `count` of them
};

// A room for `count` receivers; null when there is no memory.
Plan* newPlan(unsigned count);

struct Slot {
  std::atomic<const Plan*> plan{nullptr};
  // Somebody else listens through libuv, whose handler is then called too.
  std::atomic<bool> peerListens{false};
  // How often that was done since the peer began to hold the signal.
  std::atomic<uint32_t> peerCalls{0};
  // A one-shot handler (SA_RESETHAND) that has had its one call.
  std::atomic<bool> spent{false};
};

struct SharedState {
  Slot slots[kTableSize];
  Readers readers;
  // libuv's handler, once it is known.
  std::atomic<void (*)(int)> peerHandler{nullptr};
  // In the child of a fork that has not called exec: the parent's inboxes are not ours to fill.
  std::atomic<bool> forked{false};
};

// Everything that our handler reads.
SB_IN_HANDLER SharedState& shared();

// Publishes, waits until no handler can hold the one before, and frees that.
void publish(int signo, const Plan* plan);

}  // namespace sigbridge
