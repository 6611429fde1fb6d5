#include "engine/signal/borrowed.h"

#include <atomic>

#include "engine/signal/signals.h"

namespace sigbridge {

namespace {
std::atomic<uint64_t> borrowed{0};
}

bool borrow(int signo, const Action& action) {
  if ((borrowed.fetch_or(bitOf(signo)) & bitOf(signo)) != 0) return false;
  Action standing;
  const bool free = readAction(signo, &standing) == 0 && isDefault(standing);
  if (free && writeAction(signo, action) == 0) return true;
  borrowed.fetch_and(~bitOf(signo));
  return false;
}

void giveBack(int signo, const Action& action) {
  Action replaced;
  if (writeAction(signo, defaultAction(), &replaced) == 0 &&
      addressOf(replaced) != addressOf(action)) {
    writeAction(signo, replaced);  // somebody has begun to use it
  }
  borrowed.fetch_and(~bitOf(signo));
}

}  // namespace sigbridge
