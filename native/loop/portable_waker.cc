// The way for runtimes without libuv: a thread that waits for a bell, and calls a thread-safe
// function of Node-API, which no handler may.
#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <new>

#include "engine/control/registry.h"
#include "engine/handler/bell.h"
#include "loop/waker.h"

namespace sigbridge {

namespace {

class PortableWaker : public Waker {
 public:
  PortableWaker(napi_env env, Turn turn, void* argument)
      : env_(env), turn_(turn), argument_(argument) {}

  bool open() {
    napi_value name = nullptr;
    if (!bell_.open()) return false;
    if (napi_create_string_utf8(env_, "sigbridge", NAPI_AUTO_LENGTH, &name) != napi_ok ||
        napi_create_threadsafe_function(env_, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this,
                                        onTurn, &function_) != napi_ok) {
      return false;
    }
    napi_unref_threadsafe_function(env_, function_);
    return startThread();
  }

  SB_IN_HANDLER void wake() override { bell_.ring(); }

  void keepAlive(bool keep) override {
    (keep ? napi_ref_threadsafe_function : napi_unref_threadsafe_function)(env_, function_);
  }

  void close(void (*done)(void*), void* argument) override {
    closing_.store(true);
    bell_.ring();
    pthread_join(thread_, nullptr);
    done(argument);
    // A handler may still be on its way whose thread was stopped in the midst of it.
    Registry::instance().retire(this);
  }

 private:
  // With every signal blocked: a signal must not find this thread instead of one that runs the
  // program.
  bool startThread() {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const bool started = pthread_create(&thread_, nullptr, run, this) == 0;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return started;
  }

  static void* run(void* argument) {
    PortableWaker* self = static_cast<PortableWaker*>(argument);
    for (;;) {
      self->bell_.waitUntil(-1);
      if (self->closing_.load()) break;
      napi_call_threadsafe_function(self->function_, nullptr, napi_tsfn_nonblocking);
    }
    napi_release_threadsafe_function(self->function_, napi_tsfn_abort);
    return nullptr;
  }

  static void onTurn(napi_env env, napi_value, void* context, void*) {
    PortableWaker* self = static_cast<PortableWaker*>(context);
    if (env != nullptr && !self->closing_.load()) self->turn_(self->argument_);
  }

  const napi_env env_;
  const Turn turn_;
  void* const argument_;
  napi_threadsafe_function function_ = nullptr;
  Bell bell_;
  pthread_t thread_;
  std::atomic<bool> closing_{false};
};

}  // namespace

Waker* newPortableWaker(napi_env env, Waker::Turn turn, void* argument) {
  PortableWaker* waker = new (std::nothrow) PortableWaker(env, turn, argument);
  if (waker != nullptr && !waker->open()) {
    delete waker;
    return nullptr;
  }
  return waker;
}

}  // namespace sigbridge
