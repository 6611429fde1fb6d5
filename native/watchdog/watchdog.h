// A thread that acts when a signal has come and the event loop does not take it: JavaScript may be
// in an endless loop, in Atomics.wait(), or stuck in native code.
//
// It holds no lock and allocates nothing once it runs: whoever is stuck may hold any lock there is.
#pragma once

#include <pthread.h>
#include <stdint.h>

#include <atomic>

#include "engine/watch.h"
#include "watchdog/output.h"

namespace sigbridge {

class Watchdog {
 public:
  enum class Then { kReport, kExit, kAbort };

  struct Options {
    int64_t after;           // ns that the event loop may take
    Then then;               // what to do when it does not
    bool secondSignalExits;  // and at a second signal, at once
    int file;                // where reports go; it belongs to the caller
  };

  Watchdog(const Options& options, Watch::Ask ask, void* argument)
      : options_(options), watch_(ask, argument) {}

  // Starts the thread. 0 or an errno value.
  int start();
  // Ends it, and waits for that.
  void stop();

  Watch* watch() { return &watch_; }
  uint32_t reports() const { return reports_.load(); }

 private:
  static void* run(void* self);
  void guard();
  bool waitOut(uint32_t* arrivals);
  void act(const Record& first, uint32_t arrivals, int64_t waited);
  void report(const Record& first, uint32_t arrivals, int64_t waited);

  const Options options_;
  Watch watch_;
  pthread_t thread_;
  std::atomic<bool> stopping_{false};
  std::atomic<uint32_t> reports_{0};
  Output output_;
};

}  // namespace sigbridge
