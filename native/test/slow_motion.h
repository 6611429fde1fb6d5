// A thread of this process whose handlers run in slow motion, as under a debugger.
#pragma once

#include <sys/types.h>

namespace sigbridge::test {

// Made while the process has no other threads: a child of it is the tracer, ptrace(2).
class SlowMotion {
 public:
  SlowMotion();
  ~SlowMotion();
  SlowMotion(const SlowMotion&) = delete;
  SlowMotion& operator=(const SlowMotion&) = delete;

  // From when it gives back until this object's end: the first instructions of each of its
  // handlers, one at a time.
  void slowDown(int thread);

 private:
  int orders_[2];
  int answers_[2];
  pid_t tracer_;
};

}  // namespace sigbridge::test
