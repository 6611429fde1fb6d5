// The holds that one environment has opened, by number. On its thread only; every call ends with
// the signals either held and listed here, or as they stood before.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <map>

#include "engine/handler/hold.h"

namespace sigbridge {

class Holds {
 public:
  Holds() = default;
  Holds(const Holds&) = delete;
  Holds& operator=(const Holds&) = delete;
  ~Holds() { delete spare_; }

  // A number for a new hold, or a negative errno value. Each signal is overwritten by what stood
  // before: 0 the default, 1 an ignore, 2 a handler.
  // `giveWayAfter`: Hold::giveWayAfter(), in ns; negative for never.
  int open(int32_t* signals, size_t count, int64_t giveWayAfter);

  // `counts`, by signal number, is left alone where the hold is not known.
  void writeCounts(int number, uint32_t* counts) const;
  void release(int number, bool deliver, uint32_t* counts);
  void releaseAll();

 private:
  Hold* take();
  void giveBack(Hold* hold);

  std::map<int, Hold*> open_;
  Hold* spare_ = nullptr;  // for the next one
  int next_ = 1;
};

}  // namespace sigbridge
