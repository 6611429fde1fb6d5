#include "report/signal_text.h"

#include <signal.h>
#include <string.h>

#include "engine/signal/signals.h"
#include "engine/signal/standard_names.h"

namespace sigbridge {

namespace {

void writeRealtime(int signo, Output* out) {
  if (signo == lastRealtime()) {
    out->text("SIGRTMAX");
  } else {
    out->text("SIGRTMIN");
    if (signo > firstRealtime()) out->text("+").number(signo - firstRealtime());
  }
}

}  // namespace

void writeName(int signo, Output* out) {
  if (isRealtime(signo)) return writeRealtime(signo, out);
  for (const StandardName& one : kStandardNames) {
    if (one.signo == signo) return static_cast<void>(out->text(one.name));
  }
  out->text("signal ").number(signo);
}

uint64_t blockable() {
  uint64_t signals = 0;
  for (int signo = 1; signo <= kLastSignal; signo++) {
    const bool kept = signo > 31 && !isRealtime(signo);  // by the C library
    if (!kept && signo != SIGKILL && signo != SIGSTOP) signals |= bitOf(signo);
  }
  return signals;
}

namespace {

void writeList(uint64_t signals, const char* before, Output* out) {
  out->text(before);
  for (int signo = 1; signo <= kLastSignal; signo++) {
    if ((signals & bitOf(signo)) == 0) continue;
    out->text(" ");
    writeName(signo, out);
  }
}

}  // namespace

void writeNames(uint64_t signals, Output* out) {
  const uint64_t missing = blockable() & ~signals;
  if (signals == 0) {
    out->text(" nothing");
  } else if (missing == 0) {
    out->text(" everything");
  } else if (__builtin_popcountll(missing) < 16) {
    writeList(missing, " all but", out);
  } else {
    writeList(signals, "", out);
  }
}

void writeSender(const Record& record, Output* out) {
  siginfo_t info;
  infoOf(record, &info);
  if (info.si_code > 0) return;
  out->text(", from process ").number(info.si_pid).text(" of user ").number(info.si_uid);
  char path[32] = "/proc/";
  Output::decimal(info.si_pid, path + 6, "/comm");
  out->text(" (").line(path).text(")");
}

}  // namespace sigbridge
