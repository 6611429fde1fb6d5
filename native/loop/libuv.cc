#include "loop/libuv.h"

#include <dlfcn.h>

namespace sigbridge {

namespace {

template <typename Function>
bool look(const char* name, Function* function) {
  *function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  return *function != nullptr;
}

bool fill(Libuv* uv) {
  return look("uv_async_init", &uv->async_init) && look("uv_async_send", &uv->async_send) &&
         look("uv_backend_fd", &uv->backend_fd) && look("uv_close", &uv->close) &&
         look("uv_loop_init", &uv->loop_init) && look("uv_loop_size", &uv->loop_size) &&
         look("uv_queue_work", &uv->queue_work) && look("uv_ref", &uv->ref) &&
         look("uv_run", &uv->run) && look("uv_signal_init", &uv->signal_init) &&
         look("uv_signal_start", &uv->signal_start) && look("uv_signal_stop", &uv->signal_stop) &&
         look("uv_tty_reset_mode", &uv->tty_reset_mode) && look("uv_unref", &uv->unref);
}

}  // namespace

const Libuv* findLibuv() {
  static Libuv found;
  static const bool complete = fill(&found);
  return complete ? &found : nullptr;
}

}  // namespace sigbridge
