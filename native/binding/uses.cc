#include "binding/uses.h"

#include <algorithm>

#include "engine/control/registry.h"

namespace sigbridge {

int Uses::addFlag(FlagWords* flag, int signo) {
  const int error = Registry::instance().subscribe(receiverOf(flag), signo, true, Ordering::kNever);
  if (error == 0) flags_.push_back(flag);
  return error;
}

void Uses::removeFlag(FlagWords* flag, int signo) {
  Registry::instance().unsubscribe(receiverOf(flag), signo);
  flags_.erase(std::find(flags_.begin(), flags_.end(), flag));
}

int Uses::addBridge(int signo, Order order) {
  const int error = Registry::instance().bridge(signo, order);
  if (error == 0) bridges_.push_back(signo);
  return error;
}

void Uses::removeBridge(int signo) {
  bridges_.erase(std::find(bridges_.begin(), bridges_.end(), signo));
  Registry::instance().unbridge(signo);
}

void Uses::removeBridges() {
  while (!bridges_.empty()) removeBridge(bridges_.back());
}

}  // namespace sigbridge
