/** @file The body of a wasm pthread: the text that tfjs ships, run in this file's scope so that it finds Node's `require`. */
const { wasmWorkerContents } =
  require('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js') as { wasmWorkerContents: string };

// Line breaks inside the text's string literals arrive unescaped.
eval(wasmWorkerContents.replace(/\n/g, '\\n'));
