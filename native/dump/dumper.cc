#include "dump/dumper.h"

#include <unistd.h>

#include "dump/ledger.h"
#include "dump/state_text.h"
#include "report/signal_text.h"

namespace sigbridge {

void Dumper::guard() {
  // The last look comes behind the order to stop: what has arrived by then is dumped.
  for (bool last = false; !last;) {
    watch_.waitForBell();
    last = stopping();
    const uint32_t arrivals = watch_.untaken();
    if (arrivals == 0) continue;
    const Record first = watch_.first();
    // Before it is written: what comes meanwhile gets a dump of its own.
    watch_.taken();
    dump(first, arrivals);
    countReport();
  }
}

void Dumper::dump(const Record& first, uint32_t arrivals) {
  maps_.read();
  output_.clear();
  output_.text("sigbridge dump of process ").number(getpid()).text("\n  for ");
  writeName(first.signo, &output_);
  writeSender(first, &output_);
  if (arrivals > 1) output_.text(", which came ").number(arrivals).text(" times");
  output_.text("\nsignals, where they are not at their default\n");
  writeSignals(maps_, file_, &output_);
  output_.text("threads\n");
  writeThreads(file_, &output_);
  output_.text("subscriptions of the main thread\n");
  writeLedger(file_, &output_);
  output_.text("end of dump\n");
  output_.writeTo(file_);
}

}  // namespace sigbridge
