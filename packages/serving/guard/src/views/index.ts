export { decodeBytes } from './decode-bytes.ts'
export { normalize } from './normalize.ts'
export { type ViewOptions, viewsOf } from './views-of.ts'
