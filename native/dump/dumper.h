// Writes how all signals stand whenever its signal comes, whatever the event loop does.
#pragma once

#include "report/maps.h"
#include "report/output.h"
#include "report/watch_thread.h"

namespace sigbridge {

class Dumper : public WatchThread {
 public:
  // `file` belongs to the caller.
  explicit Dumper(int file) : WatchThread(askNobody, nullptr), file_(file) {}

 private:
  SB_IN_HANDLER static void askNobody(void*) {}

  void guard() override;
  void dump(const Record& first, uint32_t arrivals);

  const int file_;
  Maps maps_;
  Output output_;
};

}  // namespace sigbridge
