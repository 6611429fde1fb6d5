// expect: on_signal (unmarked_entry.cc:6) is given to sigaction and not marked SB_HANDLER_ENTRY [on_signal]
#include <signal.h>

#include "engine/handler/in_handler.h"

void on_signal(int) {}

void install() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigaction(SIGUSR2, &action, nullptr);
}
