// The functions of other libraries that may be called inside a signal handler.

// POSIX.1-2017, XSH 2.4.3, and signal-safety(7): those that a handler of ours could sensibly want.
const posix = `
  _Exit _exit abort alarm clock_gettime close dup dup2 execve fcntl fork fstat fsync ftruncate
  getegid geteuid getgid getpgid getpgrp getpid getppid getsid getuid kill killpg link lseek
  memccpy memchr memcmp memcpy memmove memset open openat pause pipe poll pselect
  pthread_kill pthread_self pthread_sigmask raise read readlink select sem_post send sendto
  setpgid setsid sigaction sigaddset sigdelset sigemptyset sigfillset sigismember signal
  sigpending sigprocmask sigqueue sigsuspend stpcpy stpncpy strcat strchr strcmp strcpy strcspn
  strlen strncat strncmp strncpy strnlen strpbrk strrchr strspn strstr strtok_r tcgetattr
  tcgetpgrp tcsetattr time timer_getoverrun timer_gettime timer_settime times umask uname unlink
  wait waitpid write
`;

// Not on that list, each with why it is safe all the same.
const justified = {
  __errno_location: 'the address of errno: thread-local in the C library itself, never allocated',
  __error: 'the same in macOS',
  syscall: 'one system call and errno',
  gettid: 'one system call',
  tgkill: 'one system call',
  sched_yield: 'one system call',
  backtrace:
    'called once before, outside a handler, so that it loads nothing; it allocates nothing, and the ' +
    'one lock that it may take (the loader’s) is recursive. Only a watchdog over a stuck thread asks',
};

export const asyncSignalSafe = new Set([...posix.trim().split(/\s+/), ...Object.keys(justified)]);
