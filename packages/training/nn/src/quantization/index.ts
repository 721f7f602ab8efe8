export { frozenBytes } from './frozen-bytes.ts'
export { loadInNf4 } from './load-in-nf4.ts'
export { Nf4Weight } from './nf4-weight.ts'
