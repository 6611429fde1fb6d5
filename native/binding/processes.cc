// Other processes, held by a descriptor, so that a pid that was given to another one is not hit.
//
// Linux 5.3; elsewhere the calls answer with ENOSYS, and the caller compares start times.
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "binding/arguments.h"
#include "binding/groups.h"

#if defined(__linux__)
#include <sys/syscall.h>
#if !defined(SYS_pidfd_open)
#define SYS_pidfd_open 434  // the same on every architecture
#define SYS_pidfd_send_signal 424
#endif
#endif

namespace sigbridge {

namespace {

#if defined(__linux__)

// openProcess(pid): a descriptor, or a negative errno value. pidfd_open(2)
Napi::Value openProcess(Info info) {
  const long result = syscall(SYS_pidfd_open, integer(info[0]), 0);
  return Napi::Value::From(info.Env(), result >= 0 ? static_cast<int>(result) : -errno);
}

// PIDFD_SIGNAL_PROCESS_GROUP, Linux 6.9
constexpr unsigned kToGroup = 4;

// signalProcess(descriptor, signo, group: boolean, value?: number): errno. pidfd_send_signal(2)
Napi::Value signalProcess(Info info) {
  const int signo = integer(info[1]);
  const unsigned flags = truth(info[2]) ? kToGroup : 0;
  const bool queues = info[3].IsNumber();
  siginfo_t queued;
  memset(&queued, 0, sizeof queued);
  queued.si_signo = signo;
  queued.si_code = SI_QUEUE;
  queued.si_pid = getpid();
  queued.si_uid = getuid();
  queued.si_value.sival_int = queues ? integer(info[3]) : 0;
  const siginfo_t* const what = queues ? &queued : nullptr;
  const long result = syscall(SYS_pidfd_send_signal, integer(info[0]), signo, what, flags);
  return Napi::Value::From(info.Env(), result == 0 ? 0 : errno);
}

#else

Napi::Value openProcess(Info info) { return Napi::Value::From(info.Env(), -ENOSYS); }
Napi::Value signalProcess(Info info) { return Napi::Value::From(info.Env(), ENOSYS); }

#endif

void closeProcess(Info info) { close(integer(info[0])); }

// groupOf(pid), sessionOf(pid): its id, or a negative errno value; 0 is this process.
Napi::Value groupOf(Info info) {
  const pid_t group = getpgid(integer(info[0]));
  return Napi::Value::From(info.Env(), group >= 0 ? group : -errno);
}

Napi::Value sessionOf(Info info) {
  const pid_t session = getsid(integer(info[0]));
  return Napi::Value::From(info.Env(), session >= 0 ? session : -errno);
}

}  // namespace

void addProcesses(Napi::Object exports) {
  add<openProcess>(exports, "openProcess");
  add<signalProcess>(exports, "signalProcess");
  add<closeProcess>(exports, "closeProcess");
  add<groupOf>(exports, "groupOf");
  add<sessionOf>(exports, "sessionOf");
}

}  // namespace sigbridge
