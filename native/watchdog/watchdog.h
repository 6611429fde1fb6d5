// A thread that acts when a signal has come and the event loop does not take it: JavaScript may be
// in an endless loop, in Atomics.wait(), or stuck in native code.
#pragma once

#include <stdint.h>

#include "report/output.h"
#include "report/watch_thread.h"

namespace sigbridge {

class Watchdog : public WatchThread {
 public:
  enum class Then { kReport, kExit, kAbort };

  struct Options {
    int64_t after;           // ns that the event loop may take
    Then then;               // what to do when it does not
    bool secondSignalExits;  // and at a second signal, at once
    int file;                // where reports go; it belongs to the caller
  };

  Watchdog(const Options& options, Watch::Ask ask, void* argument);

  // Whatever has arrived is in the event loop's hands.
  void turned() override { watch_.taken(); }

 private:
  void guard() override;
  bool stillWait(uint32_t looks, uint32_t* arrivals) const;
  bool waitOut(uint32_t looks, uint32_t* arrivals);
  void act(const Record& first, uint32_t arrivals, int64_t waited);
  void report(const Record& first, uint32_t arrivals, int64_t waited);

  const Options options_;
  Output output_;
};

}  // namespace sigbridge
