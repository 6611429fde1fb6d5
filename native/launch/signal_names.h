// Signals as people write them; lib/base/signal/names.ts is the same in TypeScript, and says the
// same.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sigbridge {

// The number of `text`: 'SIGINT', 'SIGRTMIN+3', 'SIGRTMAX-1', '2'. Where it is none that programs
// may use, 0, and `why` tells the text and what would be right.
int signalOf(const char* text, char* why, size_t size);

// As people know it: 'SIGINT', 'SIGRTMIN+3'. Valid until the next call.
const char* nameOf(int signo);

// Every signal that programs may ignore and block.
uint64_t changeable();

// `text` in quotes, short, and without what would steer a terminal. Valid until the next call.
const char* shown(const char* text);

}  // namespace sigbridge
