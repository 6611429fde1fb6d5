// expect: handler/unmarked_but_here.cc:7: free is not async-signal-safe [forget -> free]; handler/unmarked_but_here.cc:9: a call through a pointer, and callLater is not marked SB_CALLS_OUT [callLater]
#include <stdlib.h>

void (*later)();

// Nobody calls it in a handler, and it carries no mark. The folder says that somebody may.
void forget(void* memory) { free(memory); }

void callLater() { later(); }

int safe(int number) { return number + 1; }
