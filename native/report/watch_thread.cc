#include "report/watch_thread.h"

#include <errno.h>
#include <signal.h>

namespace sigbridge {

int WatchThread::start() {
  if (!watch_.open()) return errno;
  // With every signal blocked: what comes is for the threads that run the program.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int error = pthread_create(&thread_, nullptr, run, this);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return error;
}

void WatchThread::stop() {
  stopping_.store(true);
  watch_.ring();
  pthread_join(thread_, nullptr);
}

void* WatchThread::run(void* self) {
  static_cast<WatchThread*>(self)->guard();
  return nullptr;
}

}  // namespace sigbridge
