export { causes } from './causes.ts'
