// The one libuv of this process as a peer, and the loop of an environment.
#pragma once

#include <node_api.h>

#include "loop/libuv_peer.h"

namespace sigbridge {

// Made by the first environment whose runtime has a usable libuv; null where there is none.
LibuvPeer* thePeer(bool usesLibuv);

// Null in runtimes without libuv.
uv_loop_t* loopOf(napi_env env);

}  // namespace sigbridge
