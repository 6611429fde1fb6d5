#include "watchdog/deadline.h"

#include <string.h>
#include <unistd.h>

#include <new>

#include "engine/handler/chain.h"
#include "engine/signal/record.h"
#include "report/signal_text.h"
#include "watchdog/native_stack.h"
#include "watchdog/standstill.h"

namespace sigbridge {

namespace {

// The time is counted in slices that this thread was awake for: a process that was stopped has not
// been slow.
constexpr int64_t kSlice = 50 * 1000 * 1000;
// How long the main thread may take to show a stack, and the reader to take the report.
constexpr int64_t kPatience = 200 * 1000 * 1000;

}  // namespace

Deadline::Deadline(int64_t after, const Ending& ending, int file)
    : WatchThread(askNobody, nullptr),
      after_(after),
      restoreTerminal_(ending.restoreTerminal),
      file_(file),
      left_(after),
      signo_(ending.signo),
      code_(ending.code) {
  warmUpUnwinder();
}

void Deadline::say(const char* text, size_t length) {
  char* const copy = length != 0 ? new (std::nothrow) char[length + 1] : nullptr;
  if (copy != nullptr) {
    memcpy(copy, text, length);
    copy[length] = '\0';
  }
  delete[] said_.exchange(copy);
}

void Deadline::hasten(int64_t most, int signo, int code) {
  signo_.store(signo);
  code_.store(code);
  hastened_.store(true);
  int64_t left = left_.load();
  while (left > most && !left_.compare_exchange_weak(left, most)) {
  }
}

void Deadline::guard() {
  for (int64_t left = after_; left > 0 && !stopping(); left = left_.load()) {
    const int64_t slice = left < kSlice ? left : kSlice;
    const int64_t begun = monotonicNow();
    watch_.waitForBellUntil(begun + slice);
    const int64_t awake = monotonicNow() - begun;
    left_.fetch_sub(awake < slice ? awake : slice);
  }
  if (stopping()) return;
  if (!hastened_.load()) report();
  end();
}

void Deadline::report() {
  output_.text("sigbridge shutdown: not ended after ").number(after_ / 1000000).text(" ms, ended ");
  if (const int signo = signo_.load()) {
    output_.text("by ");
    writeName(signo, &output_);
  } else {
    output_.text("with exit code ").number(code_.load());
  }
  output_.text(" from outside JavaScript\n");
  // Not given back: an allocator's lock may be held by whoever is stuck.
  if (const char* const said = said_.exchange(nullptr)) output_.text(said).text("\n");
  writeStandstill(kPatience, &output_);
  output_.writeWithin(file_, kPatience);
}

void Deadline::end() const {
  if (restoreTerminal_ != nullptr) restoreTerminal_();
  if (const int signo = signo_.load()) endBySignal(signo);
  _exit(code_.load());
}

}  // namespace sigbridge
