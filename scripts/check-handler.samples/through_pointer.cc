// expect: through_pointer.cc:8: a call through a pointer, and call is not marked SB_CALLS_OUT [on_signal -> call]
#include "engine/handler/in_handler.h"

void (*next)(int);

namespace {

SB_IN_HANDLER void call(int number) { next(number); }

}  // namespace

SB_HANDLER_ENTRY void on_signal(int number) { call(number); }
