// What `npm run bench:watch` watches.
//
//   subject turns COUNT   a child gets SIGUSR1, each after it has answered the one before
//   subject burst COUNT   it gets real-time signals as fast as they can be sent
//   subject kinds CULPRIT one signal of each kind; who got it and who sent it, as a line of JSON
//   culprit PID SIGNAL    (the same file by another name) sends one, and is gone
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int answers[2];
static const char *culprit;

static void answer(int number) {
  char byte = (char)number;
  if (write(answers[1], &byte, 1) != 1) _exit(2);
}

static void await(void) {
  char byte;
  if (read(answers[0], &byte, 1) != 1) exit(2);
}

static double seconds(struct timeval time) {
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double processor(int who) {
  struct rusage usage;
  getrusage(who, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

static void run(int number, int count, int turns) {
  pid_t child = fork();
  if (child == 0) {
    signal(number, answer);
    answer(0);
    for (;;) pause();
  }
  await();
  double began = now();
  for (int i = 0; i < count; i++) {
    union sigval none = {0};
    while ((turns ? kill(child, number) : sigqueue(child, number, none)) != 0) sched_yield();
    if (turns) await();
  }
  for (int i = 0; i < count && !turns; i++) await();
  double took = now() - began;
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  printf("{\"took\":%f,\"processor\":%f}\n", took,
         processor(RUSAGE_SELF) + processor(RUSAGE_CHILDREN));
}

/** A child that is ready for `number`, or has it sent to itself. */
static pid_t victim(void (*prepare)(int), int number) {
  pid_t child = fork();
  if (child != 0) {
    await();
    return child;
  }
  prepare(number);
  answer(0);
  for (;;) pause();
}

static void handles(int number) { signal(number, answer); }
static void ignores(int number) { signal(number, SIG_IGN); }
static void leaves(int number) { (void)number; }

static void blocks(int number) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  sigprocmask(SIG_BLOCK, &set, NULL);
}

static void timer(int number) {
  (void)number;
  struct itimerval soon = {.it_value = {.tv_usec = 1000}};
  setitimer(ITIMER_REAL, &soon, NULL);
}

static pid_t blame(pid_t target, int number) {
  char pid[20], signal[20];
  snprintf(pid, sizeof pid, "%d", target);
  snprintf(signal, sizeof signal, "%d", number);
  pid_t child = fork();
  if (child == 0) {
    execl(culprit, culprit, pid, signal, NULL);
    _exit(127);
  }
  waitpid(child, NULL, 0);
  return child;
}

static void told(const char *kind, int number, pid_t target, pid_t sender) {
  printf("{\"kind\":\"%s\",\"number\":%d,\"target\":%d,\"sender\":%d}\n", kind, number, target,
         sender);
}

static void kinds(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  pid_t target = victim(leaves, SIGTERM);
  told("outside", SIGTERM, target, 0);
  waitpid(target, NULL, 0);
  target = victim(handles, SIGUSR1);
  told("handled", SIGUSR1, target, blame(target, SIGUSR1));
  await();
  kill(target, SIGKILL);
  target = victim(ignores, SIGUSR2);
  told("ignored", SIGUSR2, target, blame(target, SIGUSR2));
  kill(target, SIGKILL);
  target = victim(blocks, SIGHUP);
  blame(target, SIGHUP);
  told("folded", SIGHUP, target, blame(target, SIGHUP));
  kill(target, SIGKILL);
  target = victim(timer, SIGALRM);
  waitpid(target, NULL, 0);
  told("timer", SIGALRM, target, 0);
  target = victim(leaves, SIGKILL);
  told("killed", SIGKILL, target, blame(target, SIGKILL));
}

int main(int count, char **words) {
  const char *slash = strrchr(words[0], '/');
  if (strcmp(slash == NULL ? words[0] : slash + 1, "culprit") == 0)
    return kill(atoi(words[1]), atoi(words[2]));
  if (count < 3) return 2;
  culprit = words[count - 1];
  if (pipe(answers) != 0) return 2;
  if (strcmp(words[1], "kinds") == 0) kinds();
  if (strcmp(words[1], "turns") == 0) run(SIGUSR1, atoi(words[2]), 1);
  if (strcmp(words[1], "burst") == 0) run(SIGRTMIN, atoi(words[2]), 0);
  return 0;
}
