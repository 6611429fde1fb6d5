// Tells a writer when no handler can hold what it has just replaced (the idea of signal-hook's
// half_lock).
//
// A handler counts itself in before it loads a published pointer and out when it is done with what
// it points to. A writer publishes the new pointer and then waits until each of the two counters
// has been zero once: whoever counts itself in later loads the new pointer. It waits only for the
// one that handlers do not use, and flips them in between, so that it never starves.
#pragma once

#include <atomic>

#include "engine/handler/in_handler.h"

namespace sigbridge {

class Readers {
 public:
  class Guard {
   public:
    SB_IN_HANDLER explicit Guard(Readers& readers)
        : count_(readers.counts_[readers.generation_.load() & 1]) {
      count_.fetch_add(1);
    }
    SB_IN_HANDLER ~Guard() { count_.fetch_sub(1); }

   private:
    std::atomic<unsigned>& count_;
  };

  // Not from a handler, one thread at a time.
  void waitUntilNoneHoldsTheOld();

  // In the child of a fork: the threads that were counted in do not exist there.
  void reset();

 private:
  void waitUntilEmpty(unsigned which);

  std::atomic<unsigned> generation_{0};
  std::atomic<unsigned> counts_[2] = {};
};

}  // namespace sigbridge
