#include "binding/watchers.h"

#include <errno.h>

#include "engine/control/registry.h"

namespace sigbridge {

int Watchers::start(WatchThread* watcher, const int32_t* signals, size_t count) {
  int error = watcher != nullptr ? watcher->start() : ENOMEM;
  if (error != 0) {
    delete watcher;
    return -error;
  }
  const int number = next_++;
  running_[number] = watcher;
  for (size_t i = 0; error == 0 && i < count; i++) {
    error = Registry::instance().subscribe(receiverOf(watcher->watch()), signals[i], true,
                                           Ordering::kNever);
  }
  if (error == 0) return number;
  stop(number);
  return -error;
}

void Watchers::stop(int number) {
  const auto found = running_.find(number);
  if (found == running_.end()) return;
  WatchThread* watcher = found->second;
  running_.erase(found);
  Registry::instance().forget(receiverOf(watcher->watch()));
  watcher->stop();
  Registry::instance().retire(watcher);
}

void Watchers::stopAll() {
  while (!running_.empty()) stop(running_.begin()->first);
}

const WatchThread* Watchers::find(int number) const {
  const auto found = running_.find(number);
  return found == running_.end() ? nullptr : found->second;
}

void Watchers::turned() {
  for (const auto& entry : running_) entry.second->turned();
}

}  // namespace sigbridge
