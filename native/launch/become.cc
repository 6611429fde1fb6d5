#include "launch/become.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/signal/action.h"
#include "engine/signal/signals.h"
#include "launch/signal_names.h"

#if defined(__linux__)
#include <sys/syscall.h>
#endif

namespace sigbridge {

namespace {

void setMask(uint64_t bits) {
#if defined(__linux__)
  // The C library would take its own two out of the set.
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &bits, nullptr, sizeof bits);
#else
  sigset_t set;
  setOf(bits, &set);
  sigprocmask(SIG_SETMASK, &set, nullptr);
#endif
}

// Read by lib/look/inherited.ts. exec keeps the pid, so it tells whose record this is.
void leaveRecord(const Observed& inherited) {
  char record[80];
  snprintf(record, sizeof record, "launcher:%ld:%" PRIx64 ":%" PRIx64, static_cast<long>(getpid()),
           inherited.ignored, inherited.blocked);
  setenv("SIGBRIDGE_INHERITED", record, 1);
}

}  // namespace

Observed takeOver() {
  const Observed inherited = observed();
  setMask(inherited.blocked | changeable());
  return inherited;
}

void apply(const Observed& wanted) {
  for (int signo = 1; signo <= kLastSignal; signo++) {
    if ((changeable() & bitOf(signo)) == 0) continue;
    const bool ignore = (wanted.ignored & bitOf(signo)) != 0;
    writeAction(signo, ignore ? ignoreAction() : defaultAction());
  }
  setMask(wanted.blocked);
}

[[noreturn]] void become(const Options& options, const Observed& inherited) {
  if (!options.throughNode) leaveRecord(inherited);
  apply(options.wanted);
  execvp(options.command[0], options.command);
  const int error = errno;
  const char* const name = shown(options.command[0]);
  if (error == ENOENT || error == ENOTDIR) {
    fprintf(stderr, "sigbridge: %s was not found: expected a program in PATH, or a path.\n", name);
    _exit(127);
  }
  fprintf(stderr, "sigbridge: %s cannot be run: %s.\n", name, strerror(error));
  _exit(126);
}

}  // namespace sigbridge
