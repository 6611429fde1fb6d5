#include "engine/signal/who.h"

#include <dlfcn.h>
#include <string.h>

#if defined(__linux__)
#include <limits.h>
#include <link.h>
#include <sys/auxv.h>
#include <unistd.h>
#endif

#include "engine/signal/handler_name.h"

namespace sigbridge {

namespace {

CodeRange runtime;

#if defined(__linux__)

struct Search {
  const void* address;
  CodeRange found;
};

// One loaded module: does one of its segments hold the address?
int visitModule(struct dl_phdr_info* info, size_t, void* data) {
  Search* search = static_cast<Search*>(data);
  CodeRange whole = {};
  bool hit = false;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    if (info->dlpi_phdr[i].p_type != PT_LOAD) continue;
    const uintptr_t from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
    const uintptr_t to = from + info->dlpi_phdr[i].p_memsz;
    if (whole.to == 0 || from < whole.from) whole.from = from;
    if (to > whole.to) whole.to = to;
    hit = hit || CodeRange{from, to}.contains(search->address);
  }
  if (hit) search->found = whole;
  return hit ? 1 : 0;
}

// The loader knows the executable only by the word that it was started with.
std::string pathOf(const Dl_info& info, const void* address) {
  const CodeRange executable = moduleOf(reinterpret_cast<const void*>(getauxval(AT_ENTRY)));
  char path[PATH_MAX];
  ssize_t length = -1;
  if (executable.contains(address)) {
    length = readlink("/proc/self/exe", path, sizeof path);
  }
  return length > 0 ? std::string(path, static_cast<size_t>(length)) : info.dli_fname;
}

#else

std::string pathOf(const Dl_info& info, const void*) { return info.dli_fname; }

#endif

}  // namespace

CodePlace placeOf(const void* address) {
  CodePlace place = {"", "", 0};
  Dl_info info;
  if (dladdr(address, &info) == 0) return place;
  const uintptr_t at = reinterpret_cast<uintptr_t>(address);
  if (info.dli_fname != nullptr) place.module = pathOf(info, address);
  if (info.dli_sname != nullptr) place.symbol = info.dli_sname;
  place.offset =
      at - reinterpret_cast<uintptr_t>(info.dli_sname != nullptr ? info.dli_saddr : info.dli_fbase);
  return place;
}

#if defined(__linux__)

CodeRange moduleOf(const void* address) {
  Search search = {address, {}};
  dl_iterate_phdr(visitModule, &search);
  return search.found;
}

#else

CodeRange moduleOf(const void*) { return {}; }

#endif

void setRuntimeAnchor(const void* anchor) { runtime = moduleOf(anchor); }

bool inRuntime(const void* address) { return runtime.contains(address); }

void keepMapped(const void* address) {
  Dl_info info;
  if (dladdr(address, &info) == 0 || info.dli_fname == nullptr) return;
  void* const library = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
  if (library != nullptr) dlclose(library);
}

bool isSisterHandler(const void* address) {
  Dl_info info;
  return dladdr(address, &info) != 0 && info.dli_sname != nullptr &&
         strncmp(info.dli_sname, SB_HANDLER_NAME, strlen(SB_HANDLER_NAME)) == 0;
}

}  // namespace sigbridge
