/** A run folder as seen by external readers: types, file names, and the process training in it. */

export {
  type RateGroup,
  type RunEnd,
  type RunFile,
  type RunNote,
  runFileName,
  runNotesName,
} from './record/run-file.ts'
export { type RunHolder, runHolder } from './run-lock.ts'
