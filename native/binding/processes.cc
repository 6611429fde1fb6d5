// Other processes, held by a descriptor, so that a pid that was given to another one is not hit.
//
// Linux 5.3; elsewhere the calls answer with ENOSYS, and the caller compares start times.
#include "binding/processes.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "binding/arguments.h"

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
napi_value openProcess(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const long result = syscall(SYS_pidfd_open, arguments.integer(0), 0);
  return toInteger(env, result >= 0 ? static_cast<int>(result) : -errno);
}

// PIDFD_SIGNAL_PROCESS_GROUP, Linux 6.9
constexpr unsigned kToGroup = 4;

// signalProcess(descriptor, signo, group: boolean, value?: number): errno. pidfd_send_signal(2)
napi_value signalProcess(napi_env env, napi_callback_info info) {
  Arguments<4> arguments(env, info);
  const int signo = arguments.integer(1);
  const unsigned flags = arguments.truth(2) ? kToGroup : 0;
  napi_valuetype kind = napi_undefined;
  napi_typeof(env, arguments.values[3], &kind);
  siginfo_t queued;
  memset(&queued, 0, sizeof queued);
  queued.si_signo = signo;
  queued.si_code = SI_QUEUE;
  queued.si_pid = getpid();
  queued.si_uid = getuid();
  queued.si_value.sival_int = arguments.integer(3);
  const siginfo_t* const what = kind == napi_number ? &queued : nullptr;
  const long result = syscall(SYS_pidfd_send_signal, arguments.integer(0), signo, what, flags);
  return toInteger(env, result == 0 ? 0 : errno);
}

#else

napi_value openProcess(napi_env env, napi_callback_info) { return toInteger(env, -ENOSYS); }
napi_value signalProcess(napi_env env, napi_callback_info) { return toInteger(env, ENOSYS); }

#endif

napi_value closeProcess(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  close(arguments.integer(0));
  return nullptr;
}

// groupOf(pid), sessionOf(pid): its id, or a negative errno value; 0 is this process.
napi_value groupOf(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const pid_t group = getpgid(arguments.integer(0));
  return toInteger(env, group >= 0 ? group : -errno);
}

napi_value sessionOf(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  const pid_t session = getsid(arguments.integer(0));
  return toInteger(env, session >= 0 ? session : -errno);
}

}  // namespace

void addProcesses(napi_env env, napi_value exports) {
  setFunction(env, exports, "openProcess", openProcess);
  setFunction(env, exports, "signalProcess", signalProcess);
  setFunction(env, exports, "closeProcess", closeProcess);
  setFunction(env, exports, "groupOf", groupOf);
  setFunction(env, exports, "sessionOf", sessionOf);
}

}  // namespace sigbridge
