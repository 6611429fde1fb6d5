#include "launch/terminal.h"

#include <fcntl.h>
#include <unistd.h>

namespace sigbridge {

namespace {

int openControlling() {
  const int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (fd >= 0) return fd;
  // A container may lack that file.
  for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; standard++) {
    if (tcgetpgrp(standard) >= 0) return fcntl(standard, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  }
  return -1;
}

}  // namespace

Terminal::Terminal() : fd_(openControlling()) {}

// A group outside of this process's PID namespace is seen as 0 by both calls.
bool Terminal::isOf(pid_t group) const { return fd_ >= 0 && tcgetpgrp(fd_) == group; }

bool Terminal::giveTo(pid_t group) const { return fd_ >= 0 && tcsetpgrp(fd_, group) == 0; }

}  // namespace sigbridge
