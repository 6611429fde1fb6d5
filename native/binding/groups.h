// The addon's functions, a group for each file of the same name: each adds its own to `exports`.
#pragma once

#include <napi.h>

namespace sigbridge {

void addBridge(Napi::Object exports);
void addChange(Napi::Object exports);
void addDebug(Napi::Object exports);
void addLaunch(Napi::Object exports);
void addListener(Napi::Object exports);
void addLook(Napi::Object exports);
void addLowLevel(Napi::Object exports);
void addNotify(Napi::Object exports);
void addProcesses(Napi::Object exports);
void addReceive(Napi::Object exports);
void addTerminal(Napi::Object exports);
void addWatchdog(Napi::Object exports);

}  // namespace sigbridge
