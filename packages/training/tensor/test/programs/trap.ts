/** A WebAssembly out-of-bounds read before and after libtorch is loaded: both must throw. */

import { torch } from '@hadal/tensor'

// (func (export "get") (param i32) (result i32) (i32.load (local.get 0))) with one page of memory
const bytes = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 7, 1, 3, 103, 101,
  116, 0, 0, 10, 9, 1, 7, 0, 32, 0, 40, 2, 0, 11,
])
// The types of a browser, which Node's lack.
interface Wasm {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { exports: { get(address: number): number } }
}
const { Module, Instance } = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly
const { get } = new Instance(new Module(bytes)).exports

function trap(): string {
  try {
    get(0x7fff_ffff)
    return 'nothing'
  } catch (error) {
    return (error as Error).constructor.name
  }
}

const before = trap()
torch.randn([32, 32]).matmul(torch.randn([32, 32]))
console.log(before, trap(), get(0))
