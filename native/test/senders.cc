#include "senders.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <random>

namespace sigbridge::test {

namespace {

// The child is an ordinary process: it takes none of this one's handlers along.
pid_t forkSender() {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) abort();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);
  }
  return child;
}

// Whoever sends faster than the handler runs stops the receiver: the kernel delivers the next one
// before a single instruction of the interrupted code. So each shot leaves it a moment, in ns.
constexpr unsigned kLongestPause = 100 * 1000;

void leaveAMoment(unsigned nanoseconds) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point until = Clock::now() + std::chrono::nanoseconds(nanoseconds);
  while (Clock::now() < until) {
  }
}

}  // namespace

void sendTo(pthread_t thread, int signo) {
  while (pthread_kill(thread, signo) == EAGAIN) sched_yield();
}

void queueHere(int signo, union sigval value) {
  while (sigqueue(getpid(), signo, value) != 0) {
    if (errno != EAGAIN) abort();
    sched_yield();
  }
}

Fire::Fire(int signo) : child_(forkSender()) {
  if (child_ != 0) return;
  std::minstd_rand random;
  for (;;) {
    if (kill(getppid(), signo) != 0) _exit(1);
    leaveAMoment(random() % kLongestPause);
  }
}

Fire::~Fire() {
  kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

NumberedFire::NumberedFire(int signo, int count) {
  if (pipe(gate_) != 0) abort();
  child_ = forkSender();
  if (child_ != 0) return;
  char go;
  if (read(gate_[0], &go, 1) != 1) _exit(1);
  for (int number = 0; number < count; number++) {
    union sigval value;
    value.sival_int = number;
    while (sigqueue(getppid(), signo, value) != 0) {
      if (errno != EAGAIN) _exit(1);
      sched_yield();  // the queue is full
    }
  }
  _exit(0);
}

NumberedFire::~NumberedFire() {
  waitpid(child_, nullptr, 0);
  close(gate_[0]);
  close(gate_[1]);
}

void NumberedFire::begin() {
  if (write(gate_[1], "", 1) != 1) abort();
}

}  // namespace sigbridge::test
