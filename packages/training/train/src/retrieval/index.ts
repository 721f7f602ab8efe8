/** Evaluates embeddings of images and texts: recall in both directions, zero-shot classification, and a report page. */

export { type Embeddings, normalizeRows } from './embeddings.ts'
export {
  type Hit,
  type Pairing,
  pairUp,
  type QueryResult,
  type Recall,
  rankQueries,
  recallOf,
} from './recall.ts'
export { type RetrievalReport, retrievalPage, shownImages } from './retrieval-page.ts'
export {
  type Accuracy,
  accuracyOf,
  type Classification,
  classify,
  defaultTemplates,
  ensembleClasses,
  promptsOf,
} from './zero-shot.ts'
