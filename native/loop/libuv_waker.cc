// libuv's own way: uv_async_send() is async-signal-safe, and several sends before a turn are one.
#include <atomic>
#include <new>

#include "engine/control/registry.h"
#include "loop/libuv.h"
#include "loop/waker.h"

namespace sigbridge {

namespace {

class LibuvWaker : public Waker {
 public:
  LibuvWaker(const Libuv& uv, Turn turn, void* argument)
      : uv_(uv), turn_(turn), argument_(argument) {}

  bool open(uv_loop_t* loop) {
    async_.data = this;
    if (uv_.async_init(loop, &async_, onTurn) != 0) return false;
    uv_.unref(handle());
    return true;
  }

  SB_CALLS_OUT void wake() override {
    // A handler may still be on its way whose thread was stopped in the midst of it.
    if (!closing_.load()) uv_.async_send(&async_);
  }

  void keepAlive(bool keep) override { (keep ? uv_.ref : uv_.unref)(handle()); }

  void close(void (*done)(void*), void* argument) override {
    closing_.store(true);
    done_ = done;
    argument_ = argument;
    uv_.close(handle(), onClosed);
  }

 private:
  uv_handle_t* handle() { return reinterpret_cast<uv_handle_t*>(&async_); }

  static void onTurn(uv_async_t* async) {
    LibuvWaker* self = static_cast<LibuvWaker*>(async->data);
    self->turn_(self->argument_);
  }

  static void onClosed(uv_handle_t* handle) {
    LibuvWaker* self = static_cast<LibuvWaker*>(handle->data);
    self->done_(self->argument_);
    Registry::instance().retire(self);
  }

  const Libuv& uv_;
  std::atomic<bool> closing_{false};
  const Turn turn_;
  void* argument_;
  void (*done_)(void*) = nullptr;
  uv_async_t async_;
};

}  // namespace

Waker* newLibuvWaker(const Libuv& uv, void* loop, Waker::Turn turn, void* argument) {
  LibuvWaker* waker = new (std::nothrow) LibuvWaker(uv, turn, argument);
  if (waker != nullptr && !waker->open(static_cast<uv_loop_t*>(loop))) {
    delete waker;
    return nullptr;
  }
  return waker;
}

}  // namespace sigbridge
