#include "binding/the_peer.h"

#include <dlfcn.h>

#include "engine/control/registry.h"

namespace sigbridge {

LibuvPeer* thePeer(bool usesLibuv) {
  static LibuvPeer* const peer = [&]() -> LibuvPeer* {
    const Libuv* uv = usesLibuv ? findLibuv() : nullptr;
    if (uv == nullptr) return nullptr;
    LibuvPeer* made = new LibuvPeer(*uv);
    Registry::instance().setPeer(made);
    return made;
  }();
  return peer;
}

// Missing in runtimes without libuv, so it is not linked.
uv_loop_t* loopOf(napi_env env) {
  using GetLoop = napi_status (*)(napi_env, uv_loop_t**);
  const GetLoop getLoop = reinterpret_cast<GetLoop>(dlsym(RTLD_DEFAULT, "napi_get_uv_event_loop"));
  uv_loop_t* loop = nullptr;
  return getLoop != nullptr && getLoop(env, &loop) == napi_ok ? loop : nullptr;
}

}  // namespace sigbridge
