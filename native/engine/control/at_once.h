// Several signals for one receiver, in one step: all of them or, after an error, none.
#pragma once

#include <stddef.h>

#include "engine/control/managed.h"

namespace sigbridge {

// What JavaScript writes, as three 32-bit words.
struct Wish {
  int32_t signo;
  int32_t wantsPrevious;
  int32_t ordering;  // as Ordering counts
};

// 0 or an errno value. Of each its signal is overwritten by what stood before: 0 the default, 1 an
// ignore, 2 a handler. For signals that the receiver does not take yet. Under the registry's lock.
int addMemberToAll(const Receiver& receiver, Wish* wishes, size_t count);

}  // namespace sigbridge
