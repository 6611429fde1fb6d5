#include "launch/keep.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/auxv.h>
#elif defined(__APPLE__)
#include <mach-o/dyld.h>
#endif

namespace sigbridge {

namespace {

// Read by lib/cli/run/keep.ts: the signals, in hexadecimal, bit n - 1 for signal n.
constexpr char kVariable[] = "SIGBRIDGE_KEEP";
constexpr char kModule[] = "/dist/cli/run/keep.js";
// The launcher lies in build/Release.
constexpr int kFoldersBelowPackage = 2;

// The path by which this was executed, seen without /proc, which a container may lack.
bool ownPath(char (&path)[PATH_MAX]) {
#if defined(__linux__)
  const auto* const name = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  return name != nullptr && realpath(name, path) != nullptr;
#elif defined(__APPLE__)
  char name[PATH_MAX];
  uint32_t size = sizeof name;
  return _NSGetExecutablePath(name, &size) == 0 && realpath(name, path) != nullptr;
#else
  return false;
#endif
}

bool findOwnPackage(char (&path)[PATH_MAX]) {
  if (!ownPath(path)) return false;
  for (int level = 0; level <= kFoldersBelowPackage; level++) {
    char* const slash = strrchr(path, '/');
    if (slash == nullptr) return false;
    *slash = '\0';
  }
  return true;
}

bool findModule(const char* package, char (&path)[PATH_MAX]) {
  if (package == nullptr ? !findOwnPackage(path) : realpath(package, path) == nullptr) return false;
  if (strlen(path) + sizeof kModule > sizeof path) return false;
  strcat(path, kModule);
  return access(path, R_OK) == 0;
}

// Quoted as Node reads NODE_OPTIONS; plain where that will do, for others who read it.
void quote(const char* path, char* out) {
  const bool plain = strpbrk(path, " \"\\") == nullptr;
  if (!plain) *out++ = '"';
  for (; *path != '\0'; path++) {
    if (*path == '"' || *path == '\\') *out++ = '\\';
    *out++ = *path;
  }
  if (!plain) *out++ = '"';
  *out = '\0';
}

// First, since signals may come while other modules are loading.
void requireFirst(const char* path) {
  char option[2 * PATH_MAX + 32] = "--require=";
  quote(path, option + strlen(option));
  const char* const given = getenv("NODE_OPTIONS");
  if (given == nullptr || *given == '\0') {
    setenv("NODE_OPTIONS", option, 1);
    return;
  }
  if (strstr(given, option) != nullptr) return;
  const size_t size = strlen(option) + strlen(given) + 2;
  auto* const both = static_cast<char*>(malloc(size));
  if (both == nullptr) return;
  snprintf(both, size, "%s %s", option, given);
  setenv("NODE_OPTIONS", both, 1);
  free(both);
}

}  // namespace

void arrangeKeeping(const Options& options) {
  const char* const above = getenv(kVariable);
  if (!options.keep && above == nullptr) return;
  uint64_t kept = above == nullptr ? 0 : strtoull(above, nullptr, 16);
  kept &= ~options.defaulted;
  if (options.keep) {
    char path[PATH_MAX];
    if (!findModule(options.package, path)) {
      fprintf(stderr, "sigbridge: --keep needs the package's file %s, which was not found.\n",
              kModule + 1);
      exit(1);
    }
    requireFirst(path);
    kept |= options.wanted.ignored;
  }
  char text[24];
  snprintf(text, sizeof text, "%" PRIx64, kept);
  setenv(kVariable, text, 1);
}

}  // namespace sigbridge
