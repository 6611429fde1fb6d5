#include "loop/native_watchers.h"

#if defined(__linux__)
#include <link.h>
#include <string.h>
#endif

namespace sigbridge {

#if defined(__linux__)

namespace {

// Also the beginning of uv_signal_start_oneshot.
constexpr char kFunction[] = "uv_signal_start";

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

struct Bytes {
  const void* at;
  size_t size;
};

bool has(const Bytes& bytes, const char* text, size_t size) {
  return memmem(bytes.at, bytes.size, text, size) != nullptr;
}

// The names that it shares with other modules.
Bytes namesOf(const dl_phdr_info& module) {
  const ElfW(Dyn)* entry = dynamicOf(module);
  if (entry == nullptr) return {nullptr, 0};
  uintptr_t names = 0;
  size_t size = 0;
  for (; entry->d_tag != DT_NULL; entry++) {
    if (entry->d_tag == DT_STRTAB) names = entry->d_un.d_ptr;
    if (entry->d_tag == DT_STRSZ) size = entry->d_un.d_val;
  }
  // glibc has made an address of it, musl and the kernel's own module have not.
  if (names < module.dlpi_addr) names += module.dlpi_addr;
  return {reinterpret_cast<const void*>(names), size};
}

// Among its constants.
bool spells(const dl_phdr_info& module, const char* text, size_t size) {
  for (int i = 0; i < module.dlpi_phnum; i++) {
    const ElfW(Phdr)& segment = module.dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & (PF_R | PF_W)) != PF_R) continue;
    const void* at = reinterpret_cast<const void*>(module.dlpi_addr + segment.p_vaddr);
    if (has({at, segment.p_filesz}, text, size)) return true;
  }
  return false;
}

// To be loaded by the runtime, an addon has a name for that: napi_register_module_v1,
// napi_module_register, node_register_module_v<ABI> or node_module_register.
bool isAddon(const Bytes& names) {
  static constexpr char kNames[][16] = {"register_module", "module_register"};
  return has(names, kNames[0], sizeof kNames[0] - 1) || has(names, kNames[1], sizeof kNames[1] - 1);
}

// By importing it, or by asking dlsym(3) for it: an addon may have the name from JavaScript, as
// those do that call any C function. Copies of sigbridge do that too, and are known.
bool mayCallIt(const dl_phdr_info& module) {
  static constexpr char kAsks[] = "\0dlsym";
  static constexpr char kOurs[] = "sigbridge_handler_v1";
  const Bytes names = namesOf(module);
  if (has(names, kFunction, sizeof kFunction - 1)) return true;
  if (!has(names, kAsks, sizeof kAsks) || has(names, kOurs, sizeof kOurs)) return false;
  return isAddon(names) || spells(module, kFunction, sizeof kFunction - 1);
}

int visit(dl_phdr_info* module, size_t, void* data) {
  Look* look = static_cast<Look*>(data);
  look->modules = module->dlpi_adds;
  if (look->modules == look->known) return 1;
  const void* start = startOf(*module);
  if (look->libuv.contains(start) || inRuntime(start)) return 0;
  look->found = mayCallIt(*module);
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
