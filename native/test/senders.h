// Processes that send signals to this one.
#pragma once

#include <pthread.h>
#include <signal.h>
#include <sys/types.h>

namespace sigbridge::test {

// These wait while the queue of signals is full, which all processes of a user share.
void sendTo(pthread_t thread, int signo);
void queueHere(int signo, union sigval value);

// Sends until it is told to end.
class Fire {
 public:
  explicit Fire(int signo);
  ~Fire();
  Fire(const Fire&) = delete;
  Fire& operator=(const Fire&) = delete;

 private:
  pid_t child_;
};

// Sends the values 0 to count - 1 in this order, once told to begin.
class NumberedFire {
 public:
  NumberedFire(int signo, int count);
  ~NumberedFire();
  NumberedFire(const NumberedFire&) = delete;
  NumberedFire& operator=(const NumberedFire&) = delete;

  void begin();

 private:
  int gate_[2];
  pid_t child_;
};

}  // namespace sigbridge::test
