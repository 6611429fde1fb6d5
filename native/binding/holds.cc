#include "binding/holds.h"

#include <errno.h>

#include <new>
#include <utility>

#include "engine/control/registry.h"
#include "engine/signal/action.h"

namespace sigbridge {

namespace {

// 0 the default, 1 an ignore, 2 a handler.
int dispositionOf(int signo) {
  Action standing = defaultAction();
  readAction(signo, &standing);
  return isHandler(standing) ? 2 : isIgnore(standing) ? 1 : 0;
}

}  // namespace

int Holds::open(int32_t* signals, size_t count, int64_t giveWayAfter) {
  Hold* hold = take();
  if (hold == nullptr) return -ENOMEM;
  if (giveWayAfter >= 0) hold->giveWayAfter(giveWayAfter);
  int error = 0;
  for (size_t i = 0; error == 0 && i < count; i++) {
    const int signo = signals[i];
    signals[i] = dispositionOf(signo);
    error = Registry::instance().hold(hold, signo);
  }
  if (error == 0) {
    open_[next_] = hold;
    return next_++;
  }
  Registry::instance().release(hold, true);
  Registry::instance().retire(hold);
  return -error;
}

void Holds::writeCounts(int number, uint32_t* counts) const {
  const auto found = open_.find(number);
  if (found == open_.end()) return;
  for (int signo = 1; signo < kTableSize; signo++) counts[signo] = found->second->countOf(signo);
}

void Holds::release(int number, bool deliver, uint32_t* counts) {
  const auto found = open_.find(number);
  if (found == open_.end()) return;
  Hold* hold = found->second;
  const bool isOurs = Registry::instance().release(hold, deliver);
  if (counts != nullptr) writeCounts(number, counts);
  open_.erase(number);
  if (isOurs) {
    giveBack(hold);
  } else {
    Registry::instance().retire(hold);
  }
}

void Holds::releaseAll() {
  while (!open_.empty()) release(open_.begin()->first, true, nullptr);
}

// To reserve its memory anew would cost about as much as all the rest of a hold.
Hold* Holds::take() {
  if (spare_ != nullptr) {
    spare_->reopen();
    return std::exchange(spare_, nullptr);
  }
  Hold* hold = new (std::nothrow) Hold();
  if (hold != nullptr && hold->open()) return hold;
  delete hold;
  return nullptr;
}

void Holds::giveBack(Hold* hold) {
  if (spare_ == nullptr && hold->isSmall()) std::swap(hold, spare_);
  delete hold;
}

}  // namespace sigbridge
