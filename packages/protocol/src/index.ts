export { type BucketSet, buckets, type MetricSpec, metrics } from './metrics.ts'
export {
  type ChatChunk,
  type ChatCompletion,
  type ChatFinishReason,
  type ChatLogprobs,
  type ChatMessage,
  type ChatRequest,
  type ChatTokenLogprob,
  chatRequestSchema,
  type TextContent,
  type TextPart,
  type ToolCall,
} from './openai/chat.ts'
export {
  type Completion,
  type CompletionLogprobs,
  type CompletionPrompt,
  type CompletionRequest,
  completionRequestSchema,
} from './openai/completions.ts'
export type { ErrorBody } from './openai/errors.ts'
export type { GenerationFields } from './openai/fields.ts'
export type { ModelCard, ModelList } from './openai/models.ts'
export type { Usage } from './openai/usage.ts'
export { type Fault, type Parsed, parse } from './parse.ts'
export { SseDecoder, type SseEvent, sseDone, sseEvent, sseJson } from './sse.ts'
