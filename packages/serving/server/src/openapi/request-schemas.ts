/** The body schemas by their names in the OpenAPI document. */

import {
  adapterScalesSchema,
  anthropicCountSchema,
  anthropicRequestSchema,
  chatRequestSchema,
  completionRequestSchema,
  detokenizeRequestSchema,
  embeddingRequestSchema,
  explainRequestSchema,
  guardCheckSchema,
  guardReviewSchema,
  guardUnlockSchema,
  inferBodySchema,
  infillSchema,
  jobRequestSchema,
  keyChangeSchema,
  keyCreateSchema,
  lintRequestSchema,
  loadAdapterSchema,
  modelControlSchema,
  nativeCompletionSchema,
  profileRequestSchema,
  repositoryIndexSchema,
  rerankBodySchema,
  responseCountSchema,
  responseRequestSchema,
  runReportSchema,
  teiRerankBodySchema,
  tokenizeRequestSchema,
  tuneApplySchema,
  unloadAdapterSchema,
} from '@hadal/protocol'
import type { z } from 'zod'

export type RequestName =
  | 'ExplainRequest'
  | 'LintRequest'
  | 'ChatRequest'
  | 'CompletionRequest'
  | 'ResponseRequest'
  | 'ResponseCountRequest'
  | 'AnthropicRequest'
  | 'AnthropicCountRequest'
  | 'EmbeddingRequest'
  | 'RerankRequest'
  | 'TeiRerankRequest'
  | 'NativeCompletionRequest'
  | 'InfillRequest'
  | 'TokenizeRequest'
  | 'DetokenizeRequest'
  | 'AdapterScales'
  | 'LoadAdapterRequest'
  | 'UnloadAdapterRequest'
  | 'ModelControl'
  | 'InferRequest'
  | 'RepositoryIndexRequest'
  | 'ProfileRequest'
  | 'GuardCheck'
  | 'GuardReview'
  | 'JobRequest'
  | 'TuneApply'
  | 'GuardUnlock'
  | 'KeyChange'
  | 'KeyCreate'
  | 'RunReport'

export const requestSchemas: Readonly<Record<RequestName, z.ZodType>> = {
  ExplainRequest: explainRequestSchema,
  RunReport: runReportSchema,
  LintRequest: lintRequestSchema,
  ChatRequest: chatRequestSchema,
  CompletionRequest: completionRequestSchema,
  ResponseRequest: responseRequestSchema,
  ResponseCountRequest: responseCountSchema,
  AnthropicRequest: anthropicRequestSchema,
  AnthropicCountRequest: anthropicCountSchema,
  EmbeddingRequest: embeddingRequestSchema,
  RerankRequest: rerankBodySchema,
  TeiRerankRequest: teiRerankBodySchema,
  NativeCompletionRequest: nativeCompletionSchema,
  InfillRequest: infillSchema,
  TokenizeRequest: tokenizeRequestSchema,
  DetokenizeRequest: detokenizeRequestSchema,
  AdapterScales: adapterScalesSchema,
  LoadAdapterRequest: loadAdapterSchema,
  UnloadAdapterRequest: unloadAdapterSchema,
  ModelControl: modelControlSchema,
  InferRequest: inferBodySchema,
  RepositoryIndexRequest: repositoryIndexSchema,
  ProfileRequest: profileRequestSchema,
  GuardCheck: guardCheckSchema,
  GuardReview: guardReviewSchema,
  JobRequest: jobRequestSchema,
  TuneApply: tuneApplySchema,
  GuardUnlock: guardUnlockSchema,
  KeyChange: keyChangeSchema,
  KeyCreate: keyCreateSchema,
}
