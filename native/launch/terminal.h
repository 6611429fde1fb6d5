// The controlling terminal, and which process group has it in the foreground. tcsetpgrp(3)
#pragma once

#include <sys/types.h>

namespace sigbridge {

class Terminal {
 public:
  // Opens the one of this process; without one, nothing ever has the foreground.
  Terminal();

  bool isOf(pid_t group) const;
  // To be called with SIGTTOU blocked. Whether it worked.
  bool giveTo(pid_t group) const;
  // Whatever number it has got: where a standard one was closed, that. -1 without a terminal.
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace sigbridge
