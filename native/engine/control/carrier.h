// The signal that carries our orders to other threads: borrowed, and given back.
//
// Guarantees: nobody's handler is replaced for it, and what stood before stands again afterwards,
// unless somebody has begun to use the signal meanwhile. Under the registry's lock, not from a
// handler. Linux only.
#pragma once

#if defined(__linux__)

#include <stdint.h>

#include "engine/signal/action.h"

namespace sigbridge {

class Carrier {
 public:
  // A real-time one that nobody uses, taken from the top, where few programs look: it brings the
  // round's number. None of `deaf`: to those, threads do not listen.
  bool raiseNumbered(uint64_t deaf);
  // One that needs no room in the queue of signals, and brings nothing.
  bool raisePlain();
  // A numbered one only when nothing is on its way any more: the default action would end the
  // process.
  void lower();

  int signo() const { return signo_; }

  // 0 or an errno value.
  int send(int thread, int round) const;

 private:
  bool stands() const;
  bool raiseAs(int signo);

  int signo_ = 0;
};

}  // namespace sigbridge

#endif
