// Tells a writer when no handler can hold what it has just replaced (the idea of signal-hook's
// half_lock).
//
// A handler counts itself in before it loads a published pointer and out when it is done with what
// it points to. A writer publishes the new pointer and then waits (control/publish.h) until each of
// the two counters has been zero once: whoever counts itself in later loads the new pointer. It
// waits only for the one that handlers do not use, and flips them in between, so that it never
// starves.
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

  // Whether the counter that handlers do not use has drained: since the last flip nobody new comes
  // to it.
  SB_IN_HANDLER bool isDrained() const { return counts_[(generation_.load() & 1) ^ 1].load() == 0; }
  // By the writer, one at a time.
  SB_IN_HANDLER void flip() { generation_.fetch_add(1); }

  // In the child of a fork: the threads that were counted in do not exist there.
  SB_IN_HANDLER void reset();

 private:
  std::atomic<unsigned> generation_{0};
  std::atomic<unsigned> counts_[2] = {};
};

}  // namespace sigbridge
