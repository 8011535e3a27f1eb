/** @file The body of a wasm pthread: the text that tfjs ships, run in this file's scope so that it finds Node's `require`. */
const { wasmWorkerContents } =
  require('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js') as {
    wasmWorkerContents: string;
  };

// Line breaks inside the text's string literals arrive unescaped.
// oxlint-disable-next-line no-eval -- the text is a script that tfjs ships as a string
eval(wasmWorkerContents.replace(/\n/g, '\\n'));
