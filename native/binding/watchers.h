// The native threads that look on for one environment (watchdogs, dumpers), by number. On its
// thread only; a watcher that is listed has its thread, and its signals.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <map>

#include "report/watch_thread.h"

namespace sigbridge {

class Watchers {
 public:
  // Takes it, null where there was no memory for it. Its number, or a negative errno value.
  int start(WatchThread* watcher, const int32_t* signals, size_t count);
  void stop(int number);
  void stopAll();

  // Null where it is not known.
  const WatchThread* find(int number) const;

  // The environment's loop has come round.
  void turned();

 private:
  std::map<int, WatchThread*> running_;
  int next_ = 1;
};

}  // namespace sigbridge
