// What our handler does for one signal: an immutable table, replaced as a whole.
#pragma once

#include <atomic>

#include "engine/handler/hold.h"
#include "engine/handler/parking.h"
#include "engine/handler/readers.h"
#include "engine/handler/receiver.h"
#include "engine/signal/action.h"
#include "engine/signal/who.h"

namespace sigbridge {

// When the handler that stood before us is called.
enum class Order : uint8_t {
  kNativeLast,   // in the signal handler, behind the capture
  kNativeFirst,  // in the signal handler, before it
  kDeferred,     // later, on a JavaScript thread, when it says so
};

// Whoever installed over us has saved one of our handlers, and may put it back, or call it. So that
// a handler which is put on top again is another one, there are as many.
constexpr int kLevels = 8;

// What lies below one of our handlers, the lowest first.
struct Level {
  Action previous;
  // It is a handler, and may be called while somebody listens.
  bool callable;
  // It is also in a level above this one, which calls it.
  bool repeated;
  // The runtime's handler stands over it, and calls ours without wanting the default of it: what is
  // to happen is decided there (Deno's).
  bool overruled;
  // Whose code it is, where that may send again what it was called for.
  CodeRange module;
};

struct Plan {
  // What stood before us. It is in here before our handler can run.
  Level levels[kLevels];
  int top;
  // The highest that somebody may still put back, though one below it stands by now.
  int high;
  Order order;
  // Somebody who listens wants the topmost `previous` kept.
  bool callPrevious;
  // It may call our handlers in turn, each of which then stands in for what is below it.
  bool mayReturn;
  // It may call the runtime's handler that ends the process, which raises the signal.
  bool runtimeRaises;
  // Real-time: one thread takes it, so that the order is kept.
  bool ordered;
  // In a flood it may be left in the kernel's queue: control/queueing.h.
  bool leaveQueued;
  // A fault: nobody can be told about it, and a handler may change what the thread goes on with.
  bool fault;
  // Nobody listens: `previous` is all there is. So stands a plan whose signal was given back, for
  // late arrivals, and for those who saved our handler and still call it.
  bool passThrough;
  // Those who listen only look on (a watchdog): a pass-through, unless the runtime has listeners.
  bool watchOnly;
  // libuv's handler is called, whether anybody is known to listen through it or not.
  bool callPeer;
  // The first keeps what arrives, until it is let go; from then on the second. May be null.
  Hold* holds[2];
  unsigned count;
  Receiver receivers[1];  // `count` of them
};

// What became of a signal's arrivals since the process began, in all environments together.
struct Counts {
  std::atomic<uint64_t> arrived{0};  // seen by our handler, and kept for somebody
  std::atomic<uint64_t> taken{0};    // events that an event loop has taken
  std::atomic<uint64_t> folded{0};   // arrivals folded into one of these
};

struct Slot {
  std::atomic<const Plan*> plan{nullptr};
  // Somebody else listens through libuv, whose handler is then called too.
  std::atomic<bool> peerListens{false};
  // Which of `sisters` have come over ours, as bits.
  std::atomic<uint32_t> sistersAbove{0};
  // How often libuv was called since the peer began to hold the signal.
  std::atomic<uint32_t> peerCalls{0};
  // Whether its one receiver has closed for the moment.
  std::atomic<Parking> parking{Parking::kNone};
  // The levels, as bits, whose one-shot handler (SA_RESETHAND) has had its one call.
  std::atomic<uint32_t> spent{0};
  // The levels, as bits, that were called for a signal and may send it again.
  std::atomic<uint32_t> told{0};
  // Until when such a one is still counted on that has put a handler of ours back, in ns.
  std::atomic<int64_t> awaitedUntil{0};
  Counts counts;
};

// The other copies of sigbridge that have ever come over a handler of ours, each once.
constexpr int kSisters = 16;
struct Sisters {
  std::atomic<int> count{0};
  CodeRange modules[kSisters];  // each is written before it is counted, and stays
};

struct SharedState {
  Slot slots[kTableSize];
  Sisters sisters;
  Readers readers;
  // libuv's handler, once it is known.
  std::atomic<void (*)(int)> peerHandler{nullptr};
  // In the child of a fork that has not called exec: the parent's inboxes are not ours to fill.
  std::atomic<bool> forked{false};
  // libuv has started a child since SIGCHLD was taken, and waits for it: it must leave a zombie.
  std::atomic<bool> childrenAwaited{false};
  // Which process that is, since the first plan: a vfork leaves no trace but another number.
  std::atomic<int> process{0};
};

// Everything that our handler reads.
SB_IN_HANDLER SharedState& shared();

}  // namespace sigbridge
