#include "dump/state_text.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <fcntl.h>
#include <sys/syscall.h>
#endif

#include "engine/handler/ours.h"
#include "engine/handler/plan.h"
#include "engine/signal/who.h"
#include "report/signal_text.h"

namespace sigbridge {

namespace {

// What a plan says, taken out of it: it may be gone in the next moment.
struct Managed {
  bool here = false;
  bool callsPeer = false;
  bool nativeFirst = false;
  const void* chained = nullptr;
  int holds = 0;
  uint32_t kept = 0;
};

Managed managed(int signo) {
  Managed result;
  const Readers::Guard guard(shared().readers);
  const Plan* plan = shared().slots[signo].plan.load();
  if (plan == nullptr || plan->passThrough) return result;
  result.here = true;
  result.callsPeer = shared().slots[signo].peerListens.load();
  result.nativeFirst = plan->order == Order::kNativeFirst;
  if (plan->top >= 0 && plan->callPrevious && plan->levels[plan->top].callable) {
    result.chained = addressOf(plan->levels[plan->top].previous);
  }
  for (const Hold* hold : plan->holds) {
    if (hold == nullptr) continue;
    result.holds++;
    result.kept += hold->countOf(signo);
  }
  return result;
}

void writeOwner(const void* address, const Maps& maps, Output* out) {
  const void* const libuv = reinterpret_cast<const void*>(shared().peerHandler.load());
  const char* const owner = address == libuv ? "libuv" : inRuntime(address) ? "runtime" : "native";
  out->text(owner);
  maps.writePlace(reinterpret_cast<uintptr_t>(address), out);
}

void writeChain(const Managed& plan, const Maps& maps, Output* out) {
  if (plan.chained != nullptr && plan.nativeFirst) {
    writeOwner(plan.chained, maps, out);
    out->text(", then ");
  }
  out->text("sigbridge");
  if (plan.callsPeer) out->text(", then libuv");
  if (plan.chained != nullptr && !plan.nativeFirst) {
    out->text(", then ");
    writeOwner(plan.chained, maps, out);
  }
}

void writeDisposition(const Action& action, const Managed& plan, const Maps& maps, Output* out) {
  if (!isHandler(action)) {
    out->text(isIgnore(action) ? "ignored" : "default");
  } else if (isOurs(action)) {
    writeChain(plan, maps, out);
  } else {
    writeOwner(addressOf(action), maps, out);
  }
  if (plan.here && !isOurs(action)) out->text(", over sigbridge");
}

void writeCounts(int signo, const Managed& plan, Output* out) {
  const Counts& counts = shared().slots[signo].counts;
  const uint64_t arrived = counts.arrived.load();
  if (arrived > 0) {
    out->text("; ").number(static_cast<int64_t>(arrived)).text(" arrived, ");
    out->number(static_cast<int64_t>(counts.taken.load())).text(" taken, ");
    out->number(static_cast<int64_t>(counts.folded.load())).text(" folded");
  }
  if (plan.holds > 0) out->text("; held, ").number(plan.kept).text(" kept");
}

}  // namespace

void writeSignals(const Maps& maps, int file, Output* out) {
  for (int signo = 1; signo <= kLastSignal; signo++) {
    Action action;
    if (readAction(signo, &action) != 0) continue;
    const Managed plan = managed(signo);
    const bool came = shared().slots[signo].counts.arrived.load() > 0;
    if (isDefault(action) && !plan.here && !came) continue;
    out->text("  ");
    writeName(signo, out);
    out->text(": ");
    writeDisposition(action, plan, maps, out);
    writeCounts(signo, plan, out);
    out->text("\n");
    out->spill(file);
  }
}

#if defined(__linux__)

namespace {

// What the kernel writes for a directory: getdents64(2).
struct Entry {
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  uint8_t type;
  char name[1];
};

uint64_t setIn(const char* status, const char* key) {
  Output value;
  value.line(status, key);
  return strtoull(value.content(), nullptr, 16);
}

void writeThread(int thread, Output* out) {
  char status[64] = "/proc/self/task/";
  Output::decimal(thread, status + 16, "/status");
  out->text("  ").number(thread).text(" ").line(status, "Name:").text(": blocks");
  writeNames(setIn(status, "SigBlk:"), out);
  const uint64_t pending = setIn(status, "SigPnd:");
  if (pending != 0) writeNames(pending, &out->text("; pending"));
  out->text("\n");
}

// Whoever takes the signal that asks for this is still in our handler, and blocks everything.
void waitForHandler() {
  char status[64] = "/proc/self/task/";
  Output::decimal(getpid(), status + 16, "/status");
  const int64_t patience = monotonicNow() + 20 * 1000 * 1000;
  while ((blockable() & ~setIn(status, "SigBlk:")) == 0 && monotonicNow() < patience) {
    const struct timespec pause = {0, 200 * 1000};
    nanosleep(&pause, nullptr);
  }
}

}  // namespace

void writeThreads(int file, Output* out) {
  waitForHandler();
  const int folder = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  alignas(8) char entries[4096];
  long size = 0;
  while ((size = syscall(SYS_getdents64, folder, entries, sizeof entries)) > 0) {
    for (long at = 0; at < size;) {
      const Entry* entry = reinterpret_cast<const Entry*>(entries + at);
      const int thread = atoi(entry->name);
      if (thread > 0) writeThread(thread, out);
      out->spill(file);
      at += entry->length;
    }
  }
  close(folder);
}

#else

void writeThreads(int, Output* out) { out->text("  (not on this platform)\n"); }

#endif

}  // namespace sigbridge
