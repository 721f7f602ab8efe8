export { decodeBytes } from './decode-bytes.ts'
export { normalize } from './normalized.ts'
export { type ViewOptions, viewsOf } from './views-of.ts'
