/** What a run folder says of its run, for those who look at it from outside: types, names of files, and who trains in it. */

export {
  type RateGroup,
  type RunEnd,
  type RunFile,
  type RunNote,
  runFileName,
  runNotesName,
} from './record/run-file.ts'
export { type RunHolder, runHolder } from './run-lock.ts'
