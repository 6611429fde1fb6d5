// expect: thread_local.cc:6: __tls_get_addr is not async-signal-safe [on_signal -> __tls_get_addr]
#include "engine/handler/in_handler.h"

thread_local int depth;

SB_HANDLER_ENTRY void on_signal(int) { depth++; }
