// What GCC's own libstdc++ and libgcc_eh, built for glibc, ask of it, and musl has not.
#include <pthread.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <time.h>

// Weak: some of them are in musl's archive, hidden.
#pragma weak __pthread_key_create
#pragma weak __strftime_l

char __libc_single_threaded;

int __pthread_key_create(pthread_key_t *key, void (*end)(void *)) {
  return pthread_key_create(key, end);
}

// Of arm64's atomics.
unsigned long __getauxval(unsigned long type) { return getauxval(type); }

// The unwinder has another way where this says no.
int _dl_find_object(void *address, void *result) {
  (void)address;
  (void)result;
  return -1;
}

// Of std::random_device, for which nobody here asks.
unsigned arc4random(void) { abort(); }

size_t __strftime_l(char *to, size_t size, const char *format, const struct tm *time,
                    locale_t locale) {
  return strftime_l(to, size, format, time, locale);
}

struct at_exit {
  void (*end)(void *);
  void *object;
  struct at_exit *next;
};

static pthread_key_t of_thread;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void end_all(void *list) {
  for (struct at_exit *one = list, *next; one; one = next) {
    next = one->next;
    one->end(one->object);
    free(one);
  }
}

static void make_key(void) { pthread_key_create(&of_thread, end_all); }

// Those of the main thread are left: only a process's end could end them.
__attribute__((visibility("default"))) int __cxa_thread_atexit_impl(void (*end)(void *),
                                                                    void *object, void *module) {
  (void)module;
  pthread_once(&once, make_key);
  struct at_exit *one = malloc(sizeof *one);
  if (!one) return -1;
  *one = (struct at_exit){end, object, pthread_getspecific(of_thread)};
  return pthread_setspecific(of_thread, one);
}
