#include "watchdog/standstill.h"

#include <time.h>
#include <unistd.h>

#include <atomic>

#include "engine/signal/record.h"
#include "watchdog/native_stack.h"
#include "watchdog/script_stack.h"

namespace sigbridge {

namespace {

// What the main thread answers into is there once.
std::atomic<bool> asking{false};

bool mayAsk(int64_t until) {
  while (asking.exchange(true)) {
    if (monotonicNow() > until) return false;
    const struct timespec pause = {0, 1000 * 1000};
    nanosleep(&pause, nullptr);
  }
  return true;
}

}  // namespace

void writeStandstill(int64_t patience, Output* out) {
  out->text("main thread ").number(getpid()).text("\n");
  out->text("  state: ").line("/proc/self/status", "State:").text("\n");
  out->text("  system call: ").line("/proc/self/syscall").text("\n");
  out->text("  waits in: ").line("/proc/self/wchan").text("\n");
  out->text("  blocked signals: ").line("/proc/self/status", "SigBlk:").text("\n");
  if (!mayAsk(monotonicNow() + 2 * patience)) {
    out->text("  (another thread is asking for its stacks)\n");
    return;
  }
  out->text("JavaScript stack\n");
  writeScriptStack(patience, out);
  out->text("native stack\n");
  writeNativeStack(getpid(), patience, out);
  asking.store(false);
}

}  // namespace sigbridge
