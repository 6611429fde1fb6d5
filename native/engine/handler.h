// Our signal handler.
#pragma once

#include <signal.h>

#include "engine/action.h"
#include "engine/in_handler.h"

namespace sigbridge {

// What is installed for a managed signal: SA_SIGINFO | SA_RESTART | SA_ONSTACK, full mask.
Action ourAction();

bool isOurs(const Action& action);

}  // namespace sigbridge

// By this name another copy of sigbridge in the same process knows the handler for what it is.
extern "C" __attribute__((visibility("default"))) void sigbridge_handler_v1(int signo,
                                                                            siginfo_t* info,
                                                                            void* context);
