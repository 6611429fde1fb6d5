// A signal's only listener that has closed, and may come back before the next turn of its loop.
#pragma once

#include <stdint.h>

namespace sigbridge {

// One word for each signal, changed by control/parking.cc. While it says kParked or kEnding, the
// plan names one receiver, and that one takes nothing: the signal does what it would do without it.
enum class Parking : uint8_t {
  kNone,     // who closes goes by the lock
  kAllowed,  // listens, and may be parked
  kParked,   // has closed; everybody but the handler and itself is still to be told
  kEnding,   // the same, and it cannot come back
};

}  // namespace sigbridge
