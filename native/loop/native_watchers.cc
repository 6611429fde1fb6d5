#include "loop/native_watchers.h"

#if defined(__linux__)
#include <link.h>
#include <string.h>
#endif

namespace sigbridge {

#if defined(__linux__)

namespace {

// Also the beginning of uv_signal_start_oneshot.
constexpr char kImport[] = "uv_signal_start";

struct Look {
  CodeRange libuv;
  uint64_t known;
  uint64_t modules;
  bool found;
};

const void* startOf(const dl_phdr_info& module) {
  for (int i = 0; i < module.dlpi_phnum; i++) {
    const ElfW(Phdr)& segment = module.dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    return reinterpret_cast<const void*>(module.dlpi_addr + segment.p_vaddr);
  }
  return nullptr;
}

const ElfW(Dyn) * dynamicOf(const dl_phdr_info& module) {
  for (int i = 0; i < module.dlpi_phnum; i++) {
    const ElfW(Phdr)& segment = module.dlpi_phdr[i];
    if (segment.p_type != PT_DYNAMIC) continue;
    return reinterpret_cast<const ElfW(Dyn)*>(module.dlpi_addr + segment.p_vaddr);
  }
  return nullptr;
}

// Whether the names that it shares with other modules have it.
bool imports(const dl_phdr_info& module) {
  const ElfW(Dyn)* entry = dynamicOf(module);
  if (entry == nullptr) return false;
  uintptr_t names = 0;
  size_t size = 0;
  for (; entry->d_tag != DT_NULL; entry++) {
    if (entry->d_tag == DT_STRTAB) names = entry->d_un.d_ptr;
    if (entry->d_tag == DT_STRSZ) size = entry->d_un.d_val;
  }
  // glibc has made an address of it, musl and the kernel's own module have not.
  if (names < module.dlpi_addr) names += module.dlpi_addr;
  return memmem(reinterpret_cast<const void*>(names), size, kImport, sizeof kImport - 1) != nullptr;
}

int visit(dl_phdr_info* module, size_t, void* data) {
  Look* look = static_cast<Look*>(data);
  look->modules = module->dlpi_adds;
  if (look->modules == look->known) return 1;
  const void* start = startOf(*module);
  if (look->libuv.contains(start) || inRuntime(start)) return 0;
  look->found = imports(*module);
  return look->found ? 1 : 0;
}

}  // namespace

bool NativeWatchers::mayExist() {
  if (found_.load(std::memory_order_relaxed)) return true;
  Look look = {libuv_, modules_.load(), 0, false};
  dl_iterate_phdr(visit, &look);
  if (look.found) found_.store(true);
  modules_.store(look.modules);
  return look.found;
}

#else

// There the modules cannot be asked in this way.
bool NativeWatchers::mayExist() { return true; }

#endif

}  // namespace sigbridge
