// Starts a receiver and sends it signals: driver latency|burst <signal> <count> -- receiver...
//
// A receiver says "ready\n" on its standard output. `latency`: at each signal it writes the time of
// CLOCK_MONOTONIC in ns, 8 bytes; the driver prints, as a JSON array, the ns from just before the
// sending to that time. `burst`: it counts, and writes how many came and when the last one did, 16
// bytes, once its standard input is closed; the driver closes it when the receiver has no work
// left.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct receiver {
  pid_t pid;
  int output;
  int input;
};

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static struct receiver start(char **argv) {
  int output[2];
  int input[2];
  if (pipe2(output, O_CLOEXEC) != 0 || pipe2(input, O_CLOEXEC) != 0) fail("pipe");
  const pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    dup2(input[0], 0);
    dup2(output[1], 1);
    execvp(argv[0], argv);
    fail(argv[0]);
  }
  close(output[1]);
  close(input[0]);
  return (struct receiver){pid, output[0], input[1]};
}

static void readFully(int file, void *to, size_t size) {
  for (size_t done = 0; done < size;) {
    const ssize_t got = read(file, (char *)to + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      fprintf(stderr, "the receiver has ended\n");
      exit(1);
    }
    done += (size_t)got;
  }
}

static void waitUntilReady(const struct receiver *receiver) {
  char word[6];
  readFully(receiver->output, word, sizeof word);
  if (memcmp(word, "ready\n", sizeof word) != 0) {
    fprintf(stderr, "the receiver did not say that it is ready\n");
    exit(1);
  }
}

static void pauseFor(int64_t ns) {
  const struct timespec time = {ns / 1000000000, ns % 1000000000};
  nanosleep(&time, NULL);
}

// With its number as the value; waits while the receiver's queue is full.
static void sendOne(pid_t pid, int signo, int number) {
  const union sigval value = {.sival_int = number};
  while (sigqueue(pid, signo, value) != 0) {
    if (errno != EAGAIN) fail("sigqueue");
    sched_yield();
  }
}

static void latency(const struct receiver *receiver, int signo, int count) {
  enum { kWarmUp = 500 };
  printf("[");
  for (int i = -kWarmUp; i < count; i++) {
    int64_t arrived;
    pauseFor(50000);  // the receiver is to be found waiting, as it would be
    const int64_t sent = now();
    sendOne(receiver->pid, signo, i);
    readFully(receiver->output, &arrived, sizeof arrived);
    if (i >= 0) printf("%s%lld", i > 0 ? "," : "", (long long)(arrived - sent));
  }
  printf("]\n");
}

// What all threads of the receiver have computed so far, in ns: proc(5), schedstat.
static int64_t computed(pid_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
  DIR *tasks = opendir(path);
  int64_t sum = 0;
  for (struct dirent *task; tasks != NULL && (task = readdir(tasks)) != NULL;) {
    char file[400];
    long long ns = 0;
    snprintf(file, sizeof file, "%s/%s/schedstat", path, task->d_name);
    FILE *stat = fopen(file, "re");
    if (stat == NULL) continue;
    if (fscanf(stat, "%lld", &ns) == 1) sum += ns;
    fclose(stat);
  }
  if (tasks != NULL) closedir(tasks);
  return sum;
}

// Until its processor time has stood still for a while.
static void waitUntilIdle(pid_t pid) {
  const int64_t still = 300000000;
  int64_t before = computed(pid);
  for (int64_t since = now(); now() - since < still;) {
    pauseFor(5000000);
    const int64_t after = computed(pid);
    if (after - before > 200000) since = now();
    before = after;
  }
}

static void burst(const struct receiver *receiver, int signo, int count) {
  int64_t result[2];
  waitUntilIdle(receiver->pid);
  const int64_t before = computed(receiver->pid);
  const int64_t begun = now();
  for (int i = 0; i < count; i++) sendOne(receiver->pid, signo, i);
  const int64_t sent = now();
  waitUntilIdle(receiver->pid);
  const int64_t used = computed(receiver->pid) - before;
  close(receiver->input);
  readFully(receiver->output, result, sizeof result);
  printf("{\"sent\":%d,\"received\":%lld,\"sendNs\":%lld,\"totalNs\":%lld,\"cpuNs\":%lld}\n", count,
         (long long)result[0], (long long)(sent - begun), (long long)(result[1] - begun),
         (long long)used);
}

int main(int argc, char **argv) {
  if (argc < 6 || strcmp(argv[4], "--") != 0) {
    fprintf(stderr, "usage: driver latency|burst <signal> <count> -- receiver...\n");
    return 2;
  }
  const int signo = atoi(argv[2]);
  const int count = atoi(argv[3]);
  const struct receiver receiver = start(argv + 5);
  waitUntilReady(&receiver);
  if (strcmp(argv[1], "latency") == 0) {
    latency(&receiver, signo, count);
  } else {
    burst(&receiver, signo, count);
  }
  kill(receiver.pid, SIGKILL);
  waitpid(receiver.pid, NULL, 0);
  return 0;
}
