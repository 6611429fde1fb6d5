// What a test can ask of one copy of the engine.
#pragma once

#define ENGINE_COPY_EXPORT extern "C" __attribute__((visibility("default")))

ENGINE_COPY_EXPORT void* engine_copy_listen(int signo);
// How many signals have arrived since it was last asked; 64 at most.
ENGINE_COPY_EXPORT int engine_copy_take(void* ear);
ENGINE_COPY_EXPORT void engine_copy_leave(void* ear);
