// A thread that ends the process when a shutdown has not done so in its time, whatever JavaScript
// does. There is none before it is started.
#pragma once

#include <stdint.h>

#include <atomic>

#include "report/output.h"
#include "report/watch_thread.h"

namespace sigbridge {

class Deadline : public WatchThread {
 public:
  struct Ending {
    int signo;                 // to end by, or 0
    int code;                  // to exit with, where it is by no signal
    int (*restoreTerminal)();  // async-signal-safe; or null
  };

  // `after`: ns. Reports go to `file`, which is not waited for when it takes nothing.
  Deadline(int64_t after, const Ending& ending, int file);

  // Which part of the shutdown runs, for the report. On the JavaScript thread; the text is copied.
  void say(const char* text, size_t length);

  // Nothing is left but the runtime's own end, by this signal or with this code: at most so many ns
  // from now, and not a word when they are over. On the JavaScript thread.
  void hasten(int64_t most, int signo, int code);

 private:
  SB_IN_HANDLER static void askNobody(void*) {}

  void guard() override;
  void report();
  [[noreturn]] void end() const;

  const int64_t after_;
  int (*const restoreTerminal_)();
  const int file_;
  std::atomic<int64_t> left_;
  std::atomic<int> signo_;
  std::atomic<int> code_;
  std::atomic<bool> hastened_{false};
  std::atomic<char*> said_{nullptr};  // whoever takes it out owns it
  Output output_;
};

}  // namespace sigbridge
