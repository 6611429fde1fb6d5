// Whether a real-time signal is left to the main thread alone, so that its arrivals keep their
// order.
//
// Guarantees: it is done for those who listen, never for a bridge, a flag or a watchdog; and never
// where a C handler is called whose library may aim the signal at threads of its own (a garbage
// collector that stops them, a profiler): those would wait for it for ever. All under the
// registry's lock, not from a handler.
#pragma once

#include "engine/control/managed.h"

namespace sigbridge {

// A listener wants the order by all means, and there is such a handler.
bool isOrderRefused(int signo);

// Before our handler is installed, or a plan published: begins what is wanted.
void beginOrder(int signo);
// Ends what is not wanted any more. Nobody uses the signal, or its plan is published anew.
void endOrder(int signo);

enum class OrderKept {
  kYes,          // or nobody asks for it
  kNotBeside,    // a C handler is called
  kNotByThread,  // the main thread blocks the signal
};
OrderKept orderKept(int signo);

}  // namespace sigbridge
