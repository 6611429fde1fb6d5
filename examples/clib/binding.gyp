{
  "targets": [
    {
      "target_name": "clib",
      "sources": ["clib.c"],
      "defines": ["NAPI_VERSION=8"]
    }
  ]
}
