// The floor: a thread that blocks the signal and waits for it. receiver_sigwaitinfo latency|burst
// <signal>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t result[2];  // how many, and when the last one came

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// Ends the program when standard input is closed.
static void *reportAtEnd(void *unused) {
  char byte;
  while (read(0, &byte, 1) > 0) {
  }
  if (write(1, result, sizeof result) < 0) _exit(1);
  _exit(0);
  return unused;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const int burst = strcmp(argv[1], "burst") == 0;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, atoi(argv[2]));
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  pthread_t thread;
  pthread_create(&thread, NULL, reportAtEnd, NULL);
  if (write(1, "ready\n", 6) < 0) return 1;
  for (;;) {
    siginfo_t info;
    if (sigwaitinfo(&set, &info) < 0) continue;
    const int64_t arrived = now();
    result[0]++;
    result[1] = arrived;
    if (!burst && write(1, &arrived, sizeof arrived) < 0) return 1;
  }
}
