// Run steps of Python in the WebAssembly build of MicroPython (a 32-bit one) and print the heap after each, as JSON.
//
//   node tools/wasm_heap.mjs PACKAGE_FOLDER LIB_FOLDER STEPS_FILE SHIFT
//
// LIB_FOLDER is copied to /lib and put first on the import path. STEPS_FILE holds a JSON list of strings, each of them
// Python that is run at top level. The answer is a list of [bytes in use right after the step, bytes in use after a
// collection]. This port collects only between top-level calls, so the first number, taken in the same call as the step,
// counts everything that the step allocated. SHIFT bytes are taken first, so that all that follows lies elsewhere.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [packageFolder, libFolder, stepsFile, shift] = process.argv.slice(2);
const { loadMicroPython } = await import(pathToFileURL(resolve(packageFolder, "micropython.mjs")));
let output = [];
const mp = await loadMicroPython({ heapsize: 4 * 1024 * 1024, stdout: (line) => output.push(line), linebuffer: true });

function copy(from, to) {
    mp.FS.mkdir(to);
    for (const name of readdirSync(from)) {
        const source = join(from, name);
        if (statSync(source).isDirectory()) copy(source, to + "/" + name);
        else mp.FS.writeFile(to + "/" + name, readFileSync(source));
    }
}

function evaluate(expression) {
    output = [];
    mp.runPython("print(" + expression + ")");
    return Number(output[output.length - 1]);
}

copy(libFolder, "/lib");
mp.runPython("import gc, sys; sys.path.insert(0, '/lib'); _shift = bytes(" + Number(shift) + ")");
const heap = [];
for (const step of JSON.parse(readFileSync(stepsFile))) {
    mp.runPython("gc.collect()");
    mp.runPython(step + "\n_after_step = gc.mem_alloc()");
    mp.runPython("gc.collect()");
    heap.push([evaluate("_after_step"), evaluate("gc.mem_alloc()")]);
}
console.log(JSON.stringify(heap));
