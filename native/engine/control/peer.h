// The other dispatcher in this process: the JavaScript runtime's own (libuv). The engine only asks;
// loop/ answers.
#pragma once

#include <stdint.h>

#include "engine/signal/action.h"

namespace sigbridge {

class Peer {
 public:
  virtual ~Peer() = default;

  // Its handler as it installs it; null while that cannot be known.
  virtual const Action* action() = 0;

  // Starts the threads that it would start some time, before threads are told what to block.
  virtual void startThreads() {}

  // Whether a hold may wait for the event loop's next turn (Registry::tend()): whoever begins to
  // watch until then is announced before he does (Registry::holdNow()).
  virtual bool mayPostponeHold() { return false; }

  // While it holds a signal, the peer leaves that signal's disposition alone, whoever else starts
  // or stops watching.
  virtual bool holds(int signo) const = 0;
  // May install the peer's action for an instant, when nobody watches yet.
  virtual bool hold(int signo) = 0;
  // Installs SIG_DFL if nobody else watches.
  virtual void drop(int signo) = 0;

  enum class Watched { kNo, kYes, kUnknown };
  // Whether somebody else in this process watches the signal through the peer.
  virtual Watched watched(int signo) = 0;
  // Its handler stood where ours is put now: somebody watches, perhaps where watched() cannot look.
  virtual void foundStanding(int signo) { (void)signo; }

  // Calls its handler for an earlier arrival, with every signal blocked. Not from a handler.
  virtual void deliverLate(int signo) = 0;

  // Whether a drop on this thread may wait for the event loop's next turn (Registry::tend()).
  virtual bool mayPostponeDrop() = 0;

  // Signals that its handler caught while it stood in our place for an instant, as bits; each is
  // told once.
  virtual uint64_t caughtMeanwhile() = 0;
  // From now on it may stand there by right.
  virtual void endWatchOver(int signo) = 0;
  // Whether there may be such signals yet.
  virtual bool mayHaveCaught() const = 0;
};

}  // namespace sigbridge
