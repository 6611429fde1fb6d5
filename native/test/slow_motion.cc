#include "slow_motion.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>

namespace sigbridge::test {

namespace {

int readThread(int from) {
  int thread = 0;
  while (read(from, &thread, sizeof thread) != static_cast<ssize_t>(sizeof thread)) {
    if (errno != EINTR) abort();
  }
  return thread;
}

void writeThread(int to, int thread) {
  if (write(to, &thread, sizeof thread) != static_cast<ssize_t>(sizeof thread)) abort();
}

// For so many instructions from the start of a handler: all of a short one.
constexpr int kSteps = 500;

[[noreturn]] void trace(int orders, int answers) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int thread = readThread(orders);
  int status = 0;
  const bool seized = ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) == 0 &&
                      ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) == 0 &&
                      waitpid(thread, &status, __WALL) == thread;
  writeThread(answers, seized ? thread : 0);
  for (int steps = 0; seized && WIFSTOPPED(status);) {
    const int stoppedBy = WSTOPSIG(status);
    const long signo = stoppedBy == SIGTRAP ? 0 : stoppedBy;  // ptrace's own is not passed on
    steps = signo != 0 ? kSteps : steps - 1;
    const auto goOn = steps > 0 ? PTRACE_SINGLESTEP : PTRACE_CONT;
    if (ptrace(goOn, thread, nullptr, reinterpret_cast<void*>(signo)) != 0) break;
    if (waitpid(thread, &status, __WALL) != thread) break;
  }
  _exit(0);
}

}  // namespace

SlowMotion::SlowMotion() {
  if (pipe(orders_) != 0 || pipe(answers_) != 0) abort();
  tracer_ = fork();
  if (tracer_ == 0) trace(orders_[0], answers_[1]);
  // Where only ancestors may trace: Documentation/admin-guide/LSM/Yama.rst. Elsewhere it fails.
  prctl(PR_SET_PTRACER, tracer_);
}

SlowMotion::~SlowMotion() {
  kill(tracer_, SIGKILL);
  while (waitpid(tracer_, nullptr, 0) < 0 && errno == EINTR) {
  }
  for (const int end : {orders_[0], orders_[1], answers_[0], answers_[1]}) close(end);
}

void SlowMotion::slowDown(int thread) {
  writeThread(orders_[1], thread);
  if (readThread(answers_[0]) != thread) abort();
}

}  // namespace sigbridge::test
