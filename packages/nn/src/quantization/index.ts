export { frozenBytes } from './frozen-bytes.ts'
export { isFrozenInNf4, loadInNf4 } from './load-in-nf4.ts'
export { Nf4Weight, nf4Bytes } from './nf4-weight.ts'
