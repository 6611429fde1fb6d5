// `--verbose`: what an init does, a line each, on the standard error that it was started with.
//
// Never stands in the way: a line for which the reader has no room is left out and counted, and a
// reader that has gone costs no more than the lines.
#pragma once

#include <signal.h>
#include <sys/types.h>

namespace sigbridge {

class Telling {
 public:
  // Keeps a descriptor of its own, if `on`.
  explicit Telling(bool on);

  __attribute__((format(printf, 2, 3))) void say(const char* format, ...);
  // The standard error that it keeps; -1 where nothing is told.
  int fd() const { return fd_; }

 private:
  int fd_;
  int omitted_ = 0;
};

// Who has sent it, in words: 'from 123 (bash)', 'from the kernel'. Valid until the next call.
const char* senderOf(const siginfo_t& info);

// How it ended, in words, as waitpid(2) tells it. Valid until the next call.
const char* endInWords(int status);

}  // namespace sigbridge
