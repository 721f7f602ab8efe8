export {
  type CheckpointDescription,
  type CheckpointIssue,
  checkpointLine,
  describeCheckpoint,
  type Fact,
  issueOf,
  inspectCheckpoint,
  loadedLine,
  printInspection,
} from './checkpoint.ts'
export type { ClassifyFlags } from './classification/classify-flags.ts'
export { classesOf, foldersOf, imagesAt } from './classification/images-of-classes.ts'
export { reportClassified } from './classification/report-classified.ts'
export {
  adapterFolder,
  adapterName,
  modelFolder,
  modelName,
  outPath,
  readVocabulary,
} from './export/input.ts'
export { logitsInOnnxRuntime, logitsOfImages, proofSamples } from './export/onnx-proof.ts'
export { reportImageProof, sayUnproven } from './export/onnx-report.ts'
export { logitsOf, logitsOfExport, type ProofText, proofTexts } from './export/proof.ts'
export { reportProof } from './export/report.ts'
export { trainedFor, usualGgufType, weightsToWrite } from './export/trained.ts'
export { embedImages, embedTexts, openTowers } from './retrieval/embed.ts'
export { thumbnailsOf } from './retrieval/thumbnails.ts'
