'use strict';

// (memory 1) (func (export "read") (param i32) (result i32) local.get 0 i32.load)
const WASM =
  '0061736d0100000001060160017f017f0302010005030100010708010472656164' +
  '00000a0901070020002802000b';

/** What comes of reading beyond the end of WebAssembly's memory, which V8 notices by a fault. */
function outOfBounds() {
  const module = new WebAssembly.Module(Buffer.from(WASM, 'hex'));
  const { read } = new WebAssembly.Instance(module).exports;
  try {
    return String(read(1 << 30));
  } catch (error) {
    return `${error.constructor.name}: ${error.message}`;
  }
}

module.exports = { outOfBounds };
