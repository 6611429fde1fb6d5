// What a chained handler that has returned leaves behind, and the next signal must not suffer from.
#pragma once

#include <stdint.h>

#include "engine/handler/arrival.h"
#include "engine/handler/in_handler.h"
#include "engine/signal/action.h"

namespace sigbridge {

// Puts our handler back on top where the one that we have just called has installed itself again,
// as System V programs do in each call: it did so to be called the next time, and it will be.
// `level`: whose `previous` it is.
SB_IN_HANDLER void standAgainOver(const Action& called, int signo, int level);

// Around the call of a handler that may have found the runtime's own one before us, which ends the
// process by raise(3), and calls that. Under our handler it ends nothing: the signal would come
// again and again for ever, each time by the same hand. Nothing but the raised one is taken.
class RaisedByRuntime {
 public:
  SB_IN_HANDLER RaisedByRuntime(bool mayBe, const Arrival& arrival);
  // After the call.
  SB_IN_HANDLER void takeBack() const;

 private:
  [[maybe_unused]] const int signo_;
  [[maybe_unused]] const int level_;
  [[maybe_unused]] const bool watched_;
};

}  // namespace sigbridge
