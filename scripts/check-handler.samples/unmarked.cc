// expect: helper (unmarked.cc:8) is not marked SB_IN_HANDLER [on_signal -> helper]
#include "engine/handler/in_handler.h"

namespace {

volatile int last;

void helper(int number) { last = number; }

}  // namespace

SB_HANDLER_ENTRY void on_signal(int number) { helper(number); }
