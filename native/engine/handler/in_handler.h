// Marks that tell a reader, and scripts/check-handler, what may run inside a signal handler.
//
// Such code makes async-signal-safe calls only (signal-safety(7)), takes no lock that a normal path
// takes, allocates nothing, and touches no JavaScript.
#pragma once

// The function that the kernel calls: a root of the checked call tree.
#define SB_HANDLER_ENTRY

// Reachable from a handler.
#define SB_IN_HANDLER

// Reachable from a handler, and leaves our code through a pointer: to a chained handler, a waker.
#define SB_CALLS_OUT
