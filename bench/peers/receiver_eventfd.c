// The floor of what an event loop can do: a handler that writes an eventfd, and a loop that polls
// it. receiver_eventfd latency|burst <signal>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static int bell;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void onSignal(int signo) {
  const int error = errno;
  const uint64_t one = 1;
  if (write(bell, &one, sizeof one) < 0) abort();
  errno = error;
  (void)signo;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const int burst = strcmp(argv[1], "burst") == 0;
  int64_t result[2] = {0, 0};
  bell = eventfd(0, EFD_NONBLOCK);
  struct sigaction action = {.sa_handler = onSignal, .sa_flags = SA_RESTART};
  sigaction(atoi(argv[2]), &action, NULL);
  if (write(1, "ready\n", 6) < 0) return 1;
  struct pollfd files[2] = {{.fd = bell, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
  while ((files[1].revents & (POLLIN | POLLHUP)) == 0) {
    uint64_t rung;
    if (poll(files, 2, -1) < 0 || read(bell, &rung, sizeof rung) < 0) continue;
    const int64_t arrived = now();
    result[0] += (int64_t)rung;
    result[1] = arrived;
    if (!burst && write(1, &arrived, sizeof arrived) < 0) return 1;
  }
  return write(1, result, sizeof result) < 0;
}
