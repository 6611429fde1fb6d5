#include "watchdog/native_stack.h"

#if defined(__linux__) && defined(__GLIBC__)

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "engine/action.h"
#include "engine/in_handler.h"
#include "engine/record.h"

namespace sigbridge {

namespace {

constexpr int kMostFrames = 64;
void* frames[kMostFrames];
std::atomic<int> frameCount{-1};

// backtrace(3) allocates nothing and loads nothing after its first call, which warmUpUnwinder()
// makes.
extern "C" SB_HANDLER_ENTRY void sigbridge_on_stack_wanted(int, siginfo_t*, void*) {
  const int error = errno;
  frameCount.store(backtrace(frames, kMostFrames));
  errno = error;
}

// A real-time signal that nobody uses, for as long as this takes; 0 when there is none.
int borrowSignal(Action* before) {
  Action action = defaultAction();
  action.sa_sigaction = sigbridge_on_stack_wanted;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  for (int signo = SIGRTMAX; signo >= SIGRTMIN; signo--) {
    if (readAction(signo, before) != 0 || !isDefault(*before)) continue;
    if (writeAction(signo, action) == 0) return signo;
  }
  return 0;
}

bool waitForFrames(int64_t until) {
  while (frameCount.load() < 0) {
    if (monotonicNow() > until) return false;
    const struct timespec pause = {0, 200 * 1000};
    nanosleep(&pause, nullptr);
  }
  return true;
}

struct Mapping {
  uint64_t from;
  uint64_t offset;
  const char* path;
  size_t length;
};

// One line of /proc/self/maps: "from-to perms offset dev inode path", proc(5).
bool parse(const char* line, size_t length, uint64_t address, Mapping* out) {
  char* at = nullptr;
  out->from = strtoull(line, &at, 16);
  const uint64_t to = strtoull(at + 1, &at, 16);
  if (address < out->from || address >= to) return false;
  out->offset = strtoull(at + 6, &at, 16);
  const char* path =
      static_cast<const char*>(memchr(at, '/', static_cast<size_t>(line + length - at)));
  out->path = path;
  out->length = path == nullptr ? 0 : static_cast<size_t>(line + length - path);
  return true;
}

void writePlace(uint64_t address, const char* maps, size_t size, Output* out) {
  for (const char* line = maps; line < maps + size;) {
    const char* end =
        static_cast<const char*>(memchr(line, '\n', static_cast<size_t>(maps + size - line)));
    if (end == nullptr) return;
    Mapping mapping;
    if (parse(line, static_cast<size_t>(end - line), address, &mapping)) {
      if (mapping.path == nullptr) return;
      out->text(" ").part(mapping.path, mapping.length).text("+");
      out->hex(address - mapping.from + mapping.offset);
      return;
    }
    line = end + 1;
  }
}

}  // namespace

void warmUpUnwinder() {
  void* frame[1];
  backtrace(frame, 1);
}

void writeNativeStack(int thread, int64_t patience, Output* out) {
  static char maps[512 * 1024];
  Action before;
  const int signo = borrowSignal(&before);
  if (signo == 0) {
    out->text("  (every real-time signal is in use)\n");
    return;
  }
  frameCount.store(-1);
  syscall(SYS_tgkill, getpid(), thread, signo);
  if (!waitForFrames(monotonicNow() + patience)) {
    // The handler stays: the signal is still on its way, and its default would end the process.
    out->text("  (the thread does not answer)\n");
    return;
  }
  writeAction(signo, before);
  const size_t size = readWhole("/proc/self/maps", maps, sizeof maps);
  for (int i = 0; i < frameCount.load(); i++) {
    const uint64_t address = reinterpret_cast<uintptr_t>(frames[i]);
    out->text("  #").number(i).text(" ").hex(address);
    writePlace(address, maps, size, out);
    out->text("\n");
  }
}

}  // namespace sigbridge

#else

namespace sigbridge {

void warmUpUnwinder() {}
void writeNativeStack(int, int64_t, Output* out) { out->text("  (not on this platform)\n"); }

}  // namespace sigbridge

#endif
