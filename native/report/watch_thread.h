// A native thread that looks on, and writes reports: it waits for signals, not for JavaScript.
//
// It blocks every signal, holds no lock but those between such threads, and allocates nothing once
// it runs: whoever is stuck may hold any lock there is.
#pragma once

#include <pthread.h>
#include <stdint.h>

#include <atomic>

#include "engine/handler/watch.h"

namespace sigbridge {

class WatchThread {
 public:
  WatchThread(Watch::Ask ask, void* argument) : watch_(ask, argument) {}
  virtual ~WatchThread() = default;

  // Starts the thread. 0 or an errno value.
  int start();
  // Ends it, and waits for that.
  void stop();

  Watch* watch() { return &watch_; }
  uint32_t reports() const { return reports_.load(); }

  // The event loop has turned; on its thread.
  virtual void turned() {}

 protected:
  // On the thread, until stopping().
  virtual void guard() = 0;

  bool stopping() const { return stopping_.load(); }
  void countReport() { reports_.fetch_add(1); }

  Watch watch_;

 private:
  static void* run(void* self);

  pthread_t thread_;
  std::atomic<bool> stopping_{false};
  std::atomic<uint32_t> reports_{0};
};

}  // namespace sigbridge
