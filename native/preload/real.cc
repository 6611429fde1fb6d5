#include "preload/real.h"

#include <dlfcn.h>

namespace sigtrace {

Real real;

namespace {

template <typename Function>
void find(const char* name, const char* otherName, Function* function) {
  void* found = dlsym(RTLD_NEXT, name);
  if (found == nullptr && otherName != nullptr) found = dlsym(RTLD_NEXT, otherName);
  *function = reinterpret_cast<Function>(found);
}

}  // namespace

// A name that this C library lacks can be called by nobody.
void findReal() {
  if (real.sigaction != nullptr) return;
  find("signal", nullptr, &real.signal);
  find("bsd_signal", "signal", &real.bsd_signal);
  find("sysv_signal", "__sysv_signal", &real.sysv_signal);
  find("sigset", nullptr, &real.sigset);
  find("sigignore", nullptr, &real.sigignore);
  find("sighold", nullptr, &real.sighold);
  find("sigrelse", nullptr, &real.sigrelse);
  find("siginterrupt", nullptr, &real.siginterrupt);
  find("sigprocmask", nullptr, &real.sigprocmask);
  find("pthread_sigmask", "sigprocmask", &real.pthread_sigmask);
  find("sigaltstack", nullptr, &real.sigaltstack);
  find("vfork", nullptr, &real.vfork);
  find("sigaction", nullptr, &real.sigaction);
}

}  // namespace sigtrace
