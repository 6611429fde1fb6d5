#include "senders.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

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
  for (;;) {
    if (kill(getppid(), signo) != 0) _exit(1);
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
