{
  "includes": ["native/sources.gypi"],
  "target_defaults": {
    "include_dirs": ["native"],
    "cflags": ["-Wall", "-Wextra"],
    "cflags_cc!": ["-std=gnu++14", "-std=gnu++17", "-std=gnu++20", "-fexceptions", "-frtti"],
    "cflags_cc": [
      "-std=c++17",
      "-O2",
      "-fno-exceptions",
      "-fno-rtti",
      "-fvisibility=hidden",
      "-fvisibility-inlines-hidden"
    ],
    "conditions": [
      ["OS=='linux'", {
        "defines": ["_GNU_SOURCE"],
        "ldflags": ["-Wl,-z,relro,-z,now"]
      }],
      ["OS=='mac'", {
        "xcode_settings": {
          "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
          "GCC_ENABLE_CPP_EXCEPTIONS": "NO",
          "GCC_ENABLE_CPP_RTTI": "NO",
          "GCC_OPTIMIZATION_LEVEL": "2",
          "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
          "MACOSX_DEPLOYMENT_TARGET": "11.0",
          "WARNING_CFLAGS": ["-Wall", "-Wextra"]
        }
      }]
    ]
  },
  "targets": [
    {
      "target_name": "sigbridge",
      "sources": [
        "<@(engine_sources)",
        "<@(loop_sources)",
        "<@(report_sources)",
        "<@(dump_sources)",
        "<@(script_sources)",
        "<@(watchdog_sources)",
        "<@(binding_sources)"
      ],
      # Headers alone: the C++ face of Node-API.
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NAPI_DISABLE_CPP_EXCEPTIONS"],
      "conditions": [
        ["OS=='linux'", {
          # Node unloads an addon with the last worker that loaded it, and a handler of ours may still be called.
          "ldflags": ["-Wl,-z,nodelete"]
        }]
      ]
    },
    {
      "target_name": "sigbridge-run",
      "type": "executable",
      "product_extension": "",
      "sources": ["<@(launch_sources)"],
      "conditions": [
        ["OS=='linux'", {
          # The C library is all that it needs, so that it starts in the smallest of containers.
          "cflags_cc": ["-fno-threadsafe-statics"],
          "ldflags!": ["-rdynamic"],
          "ldflags": ["-Wl,--as-needed"]
        }]
      ]
    }
  ],
  "conditions": [
    ["OS=='linux'", {
      "targets": [
        # For `sigbridge trace`: goes into programs of all kinds, so it brings nothing but itself.
        {
          "target_name": "sigbridge-preload",
          # Last, as node-gyp says "node" for all: no addon loader may take it for one.
          "target_conditions": [["_type=='loadable_module'", { "product_extension": "so" }]],
          "sources": ["<@(preload_sources)"],
          "include_dirs": ["native"],
          "defines": ["_GNU_SOURCE"],
          "cflags": ["-Wall", "-Wextra"],
          "cflags_cc!": ["-std=gnu++14", "-std=gnu++17", "-std=gnu++20", "-fexceptions", "-frtti"],
          "cflags_cc": [
            "-std=c++17",
            "-O2",
            "-fno-exceptions",
            "-fno-rtti",
            "-fno-threadsafe-statics",
            "-fvisibility=hidden"
          ],
          "ldflags": ["-nodefaultlibs", "-Wl,-z,relro,-z,now"],
          # libgcc is an archive: arm64's atomics come out of it, and nothing where there is no need.
          "libraries": ["-lgcc", "-lc", "-ldl"]
        }
      ]
    }]
  ]
}
