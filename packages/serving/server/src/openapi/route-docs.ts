/** OpenAPI documentation of every route, as one table; a route without a row is an error. */

import * as engine from '@hadal/engine'
import * as own from '../errors.ts'
import * as guard from '../guard/errors.ts'
import * as kserve from '../kserve/errors.ts'
import { feedFull } from '../observability/errors.ts'
import { runbookUnknown } from '../operations/alerts/errors.ts'
import { deployFileUnknown } from '../operations/deploy/errors.ts'
import { operationUnavailable } from '../operations/errors.ts'
import * as guardOperations from '../operations/guard/errors.ts'
import * as jobs from '../operations/jobs/errors.ts'
import * as run from '../operations/runs/errors.ts'
import { tuneConfigChanged, tuneSettingsUnfit } from '../operations/tune/errors.ts'
import { profileBusy } from '../profile/errors.ts'
import type { RequestName } from './request-schemas.ts'
import {
  asksModel,
  chats,
  type Declared,
  describesTensors,
  embeds,
  fills,
  generates,
  infers,
  model,
  ranks,
  specs,
  written,
} from './route-errors.ts'

type Tag = 'OpenAI' | 'DeepSeek' | 'Anthropic' | 'llama-server' | 'vLLM' | 'Rerank' | 'KServe' | 'Operation'
type AnswerType =
  | 'application/json'
  | 'application/octet-stream'
  | 'text/event-stream'
  | 'text/html'
  | 'text/plain'

export interface RouteDoc {
  readonly tag: Tag
  readonly summary: string
  /** Any of these bodies. */
  readonly bodies: readonly RequestName[]
  /** Empty: it only returns an error. */
  readonly answers: readonly AnswerType[]
  readonly query: readonly string[]
  /** In addition to those of every route, and of bodies if it accepts one. */
  readonly errors: readonly Declared[]
  /** Success status is 201. */
  readonly isCreating: boolean
  /** Requires no API key. */
  readonly isPublic: boolean
}

const json: readonly AnswerType[] = ['application/json']
const jsonOrEvents: readonly AnswerType[] = ['application/json', 'text/event-stream']

const doc = (tag: Tag, summary: string, more: Partial<RouteDoc> = {}): RouteDoc => ({
  tag,
  summary,
  bodies: [],
  answers: json,
  query: [],
  errors: [],
  isCreating: false,
  isPublic: false,
  ...more,
})

const chat = (tag: Tag): RouteDoc =>
  doc(tag, 'Answer a conversation', { bodies: ['ChatRequest'], answers: jsonOrEvents, errors: chats })
const countChat = doc('OpenAI', 'Count the tokens of a conversation', {
  bodies: ['ChatRequest'],
  errors: [...asksModel, ...written],
})
const completion = (tag: Tag): RouteDoc =>
  doc(tag, 'Continue a text, or fill in before a suffix', {
    bodies: ['CompletionRequest'],
    answers: jsonOrEvents,
    errors: fills,
  })
const messages = doc('Anthropic', 'Answer a conversation', {
  bodies: ['AnthropicRequest'],
  answers: jsonOrEvents,
  errors: chats,
})
const countMessages = doc('Anthropic', 'Count the tokens of a conversation', {
  bodies: ['AnthropicCountRequest'],
  errors: [...asksModel, ...written],
})
const response = doc('OpenAI', 'Answer a conversation, as the Responses API does', {
  bodies: ['ResponseRequest'],
  answers: jsonOrEvents,
  errors: chats,
})
const countResponse = doc('OpenAI', 'Count the tokens of a conversation', {
  bodies: ['ResponseCountRequest'],
  errors: [...asksModel, ...written],
})
const stored = doc('OpenAI', 'Stored responses: always 404, for none is stored', {
  answers: [],
  errors: specs(own.responseNotStored),
})
const embeddings = doc('OpenAI', 'Vectors of texts and images', {
  bodies: ['EmbeddingRequest'],
  errors: embeds,
})
const rerank = doc('Rerank', 'How well documents answer a query, as Jina, Cohere and TEI have it', {
  bodies: ['RerankRequest', 'TeiRerankRequest'],
  errors: ranks,
})
const native = (summary: string, more: Partial<RouteDoc> = {}): RouteDoc =>
  doc('llama-server', summary, { errors: asksModel, ...more })
const nativeCompletion: Partial<RouteDoc> = { answers: jsonOrEvents, errors: generates }
const operation = (summary: string, more: Partial<RouteDoc> = {}): RouteDoc =>
  doc('Operation', summary, { isPublic: true, ...more })

const inference = doc('KServe', 'Tensors through a model, as JSON or as bytes', {
  bodies: ['InferRequest'],
  answers: ['application/json', 'application/octet-stream'],
  errors: infers,
})
const tensors = (summary: string): RouteDoc => doc('KServe', summary, { errors: describesTensors })
const version = specs(kserve.modelVersionUnknown)
const modelReady = doc('KServe', 'Whether a model is ready', {
  errors: [...model, ...version, ...specs(kserve.notReady)],
})
const modelStats = doc('KServe', 'What came of the inferences of a model', { errors: [...model, ...version] })

/** By method and path, as registered. */
export const routeDocs: Readonly<Record<string, RouteDoc>> = {
  'POST /v1/chat/completions': chat('OpenAI'),
  'POST /chat/completions': chat('OpenAI'),
  'POST /v1/chat/completions/input_tokens': countChat,
  'POST /chat/completions/input_tokens': countChat,
  'POST /beta/chat/completions': chat('DeepSeek'),
  'POST /beta/v1/chat/completions': chat('DeepSeek'),
  'POST /v1/completions': completion('OpenAI'),
  'POST /completions': doc(
    'OpenAI',
    'Continue a text: llama-server’s way, or OpenAI’s where the body is its',
    {
      bodies: ['NativeCompletionRequest', 'CompletionRequest'],
      answers: jsonOrEvents,
      errors: fills,
    },
  ),
  'POST /beta/completions': completion('DeepSeek'),
  'POST /beta/v1/completions': completion('DeepSeek'),
  'POST /v1/responses': response,
  'POST /responses': response,
  'POST /v1/responses/input_tokens': countResponse,
  'POST /responses/input_tokens': countResponse,
  'GET /v1/responses/:id': stored,
  'GET /responses/:id': stored,
  'DELETE /v1/responses/:id': stored,
  'DELETE /responses/:id': stored,
  'GET /v1/responses/:id/input_items': stored,
  'GET /responses/:id/input_items': stored,
  'POST /v1/responses/:id/cancel': stored,
  'POST /responses/:id/cancel': stored,
  'POST /v1/messages': messages,
  'POST /anthropic/v1/messages': messages,
  'POST /anthropic/messages': messages,
  'POST /v1/messages/count_tokens': countMessages,
  'POST /anthropic/v1/messages/count_tokens': countMessages,
  'POST /anthropic/messages/count_tokens': countMessages,
  'POST /v1/embeddings': embeddings,
  'POST /embeddings': embeddings,
  'POST /embedding': { ...embeddings, tag: 'llama-server' },
  'POST /rerank': rerank,
  'POST /reranking': rerank,
  'POST /v1/rerank': rerank,
  'POST /v1/reranking': rerank,
  'POST /v2/rerank': rerank,
  'GET /v2': doc('KServe', 'What this server is, and which extensions it has'),
  'GET /v2/health/live': doc('KServe', 'Whether the process lives', { isPublic: true }),
  'GET /v2/health/ready': doc('KServe', 'Whether requests may come', {
    isPublic: true,
    errors: specs(kserve.notReady),
  }),
  'GET /v2/models/:model': tensors('What tensors a model takes and gives'),
  'GET /v2/models/:model/versions/:version': tensors('What tensors a model takes and gives'),
  'GET /v2/models/:model/config': tensors('How a model is served'),
  'GET /v2/models/:model/versions/:version/config': tensors('How a model is served'),
  'GET /v2/models/:model/ready': modelReady,
  'GET /v2/models/:model/versions/:version/ready': modelReady,
  'GET /v2/models/:model/stats': modelStats,
  'GET /v2/models/:model/versions/:version/stats': modelStats,
  'GET /v2/models/stats': doc('KServe', 'What came of the inferences of all models'),
  'POST /v2/models/:model/infer': inference,
  'POST /v2/models/:model/versions/:version/infer': inference,
  'POST /v2/repository/index': doc('KServe', 'The models, and whether they are loaded', {
    bodies: ['RepositoryIndexRequest'],
  }),
  'POST /v2/repository/models/:model/load': doc('KServe', 'Load a model; answers when it is loaded', {
    errors: asksModel,
  }),
  'POST /v2/repository/models/:model/unload': doc('KServe', 'Unload a model once nobody uses it', {
    errors: [...model, ...specs(own.modelPinned)],
  }),
  'GET /v1/models': doc('OpenAI', 'The models served'),
  'GET /models': doc('OpenAI', 'The models served'),
  'GET /v1/models/*': doc('OpenAI', 'One model', { errors: model }),
  'GET /models/*': doc('OpenAI', 'One model', { errors: model }),
  'GET /anthropic/v1/models': doc('Anthropic', 'The models served'),
  'GET /anthropic/v1/models/*': doc('Anthropic', 'One model', { errors: model }),
  'POST /completion': native('Continue prompts', {
    ...nativeCompletion,
    bodies: ['NativeCompletionRequest'],
  }),
  'POST /infill': native('Code between a prefix and a suffix', {
    ...nativeCompletion,
    bodies: ['InfillRequest'],
    errors: fills,
  }),
  'POST /tokenize': native('Text to tokens', { bodies: ['TokenizeRequest'] }),
  'POST /detokenize': native('Tokens to text', {
    bodies: ['DetokenizeRequest'],
    errors: [...asksModel, ...specs(engine.invalidToken)],
  }),
  'POST /apply-template': native('A conversation as the text the model gets', {
    bodies: ['ChatRequest'],
    errors: [...asksModel, ...written, ...specs(own.unsupportedParameter)],
  }),
  'GET /props': native('What is served, and with which settings', { query: ['model'], errors: model }),
  'POST /props': native('Always 501: settings stay as they are', {
    answers: [],
    errors: specs(own.propsFixed),
  }),
  'GET /slots': native('What is being generated', {
    query: ['model', 'fail_on_no_slot'],
    errors: [...model, ...specs(own.slotsOff, own.noFreeSlot)],
  }),
  'POST /slots/:id': native('Always 501: what is kept of prompts belongs to no slot', {
    answers: [],
    query: ['action'],
    errors: specs(own.slotActionsUnsupported),
  }),
  'GET /lora-adapters': native('The adapters, with the scales of requests that name none', {
    query: ['model'],
    errors: model,
  }),
  'POST /lora-adapters': native('Scales of requests that name no adapters', {
    bodies: ['AdapterScales'],
    query: ['model'],
    errors: [...asksModel, ...specs(engine.adapterUnknown)],
  }),
  'POST /models/load': native('Load a model; answers when it is loaded', {
    bodies: ['ModelControl'],
    errors: asksModel,
  }),
  'POST /models/unload': native('Unload a model once nobody uses it', {
    bodies: ['ModelControl'],
    errors: [...model, ...specs(own.modelPinned)],
  }),
  'GET /decisions': doc(
    'Operation',
    'How many replicas of each model there are, and why; where their number follows the load',
    { errors: specs(own.replicasFixed) },
  ),
  'GET /hadal/console': doc('Operation', 'What administrators may do here beside serving'),
  'POST /hadal/profile': doc('Operation', 'Record steps, requests and the queue for a while', {
    bodies: ['ProfileRequest'],
    errors: specs(own.modelNotFound, profileBusy),
  }),
  'GET /hadal/live': doc('Operation', 'How models, cells, queues and processes stand, once or each second', {
    answers: jsonOrEvents,
    query: ['with'],
    errors: specs(feedFull),
  }),
  'GET /hadal/steps': doc('Operation', 'What engines compute, step by step, as it happens', {
    answers: ['text/event-stream'],
    errors: specs(feedFull),
  }),
  'GET /hadal/guard/verdicts': doc('Operation', 'What the guard said lately, and why', {
    query: ['since', 'until', 'action', 'key', 'layer', 'request', 'before', 'limit'],
    errors: specs(guard.guardAuditOff, own.invalidRequest),
  }),
  'GET /hadal/guard/locked': doc('Operation', 'Callers that the guard has locked out'),
  'POST /hadal/guard/unlock': doc('Operation', 'End the lockout of a caller', { bodies: ['GuardUnlock'] }),
  'GET /hadal/guard': doc('Operation', 'What the guard of the service is, keeps and can be measured by', {
    errors: specs(operationUnavailable),
  }),
  'POST /hadal/guard/check': doc('Operation', 'What the guard would do with a text, and why', {
    bodies: ['GuardCheck'],
    errors: specs(operationUnavailable, guardOperations.guardPresetUnknown, guardOperations.guardOff),
  }),
  'GET /hadal/guard/reviews': doc('Operation', 'What people said of verdicts', {
    errors: specs(operationUnavailable),
  }),
  'POST /hadal/guard/reviews': doc('Operation', 'Say whether a text is an attack', {
    isCreating: true,
    bodies: ['GuardReview'],
    errors: specs(
      operationUnavailable,
      guard.guardAuditOff,
      guardOperations.guardVerdictUnknown,
      guardOperations.guardReviewTextDiffers,
    ),
  }),
  'DELETE /hadal/guard/reviews/:id': doc('Operation', 'Take a review back', {
    errors: specs(operationUnavailable, guardOperations.guardReviewUnknown),
  }),
  'GET /hadal/guard/learnt': doc('Operation', 'Attacks that the guard was taught', {
    errors: specs(operationUnavailable),
  }),
  'DELETE /hadal/guard/learnt/:id': doc('Operation', 'Forget an attack that the guard was taught', {
    errors: specs(operationUnavailable, guardOperations.guardLearntUnknown),
  }),
  'GET /hadal/jobs': doc('Operation', 'Commands that run or ran here, and the kinds there are', {
    errors: specs(operationUnavailable),
  }),
  'POST /hadal/jobs': doc('Operation', 'Run a command, in a process of its own', {
    isCreating: true,
    bodies: ['JobRequest'],
    errors: specs(
      operationUnavailable,
      jobs.jobKindUnavailable,
      jobs.jobRunning,
      jobs.jobsFull,
      jobs.jobUnstarted,
    ),
  }),
  'GET /hadal/jobs/:id': doc(
    'Operation',
    'What a command said, measured and found; as events while it does',
    {
      answers: jsonOrEvents,
      errors: specs(operationUnavailable, jobs.jobUnknown, feedFull),
    },
  ),
  'DELETE /hadal/jobs/:id': doc('Operation', 'End a command; answers when it has ended', {
    errors: specs(operationUnavailable, jobs.jobUnknown),
  }),
  'GET /hadal/tune': doc('Operation', 'The settings that tuning turns, as they are', {
    errors: specs(operationUnavailable),
  }),
  'POST /hadal/tune/apply': doc(
    'Operation',
    'Put settings into the config file, or say what that would change',
    {
      bodies: ['TuneApply'],
      errors: specs(operationUnavailable, tuneConfigChanged, tuneSettingsUnfit),
    },
  ),
  'GET /hadal/keys': doc('Operation', 'Keys of the database, and what they used this month', {
    errors: specs(operationUnavailable),
  }),
  'POST /hadal/keys': doc('Operation', 'Make a key; its secret is answered this once', {
    isCreating: true,
    bodies: ['KeyCreate'],
    errors: specs(operationUnavailable),
  }),
  'PATCH /hadal/keys/:id': doc('Operation', 'Change what a key may do', {
    bodies: ['KeyChange'],
    errors: specs(operationUnavailable),
  }),
  'DELETE /hadal/keys/:id': doc('Operation', 'Revoke a key', { errors: specs(operationUnavailable) }),
  'GET /hadal/usage': doc('Operation', 'What was used, by key, model, day or month', {
    query: ['by', 'month', 'key'],
    errors: specs(operationUnavailable, own.invalidRequest),
  }),
  'GET /hadal/runs': doc('Operation', 'Training runs whose folders are here, the newest first', {
    errors: specs(operationUnavailable),
  }),
  'GET /hadal/runs/:id': doc('Operation', 'What a run is, what happened to it and what it left', {
    errors: specs(operationUnavailable, run.runNotFound),
  }),
  'GET /hadal/runs/:id/metrics': doc('Operation', 'The curves of a run, or what came to them since', {
    query: ['after'],
    errors: specs(operationUnavailable, run.runNotFound, own.invalidRequest),
  }),
  'GET /hadal/runs/:id/profile': doc('Operation', 'Where the time of the steps went that a run recorded', {
    errors: specs(operationUnavailable, run.runNotFound, run.runProfileMissing, run.runProfileUnreadable),
  }),
  'POST /hadal/runs/:id/report': doc('Operation', 'An address that opens a report of a run once', {
    bodies: ['RunReport'],
    errors: specs(operationUnavailable, run.runNotFound, run.runReportNotFound, run.runReportTooLarge),
  }),
  'GET /reports/:ticket': doc('Operation', 'A report of a run, without scripts', {
    answers: ['text/html'],
    errors: specs(run.runReportNotFound),
    isPublic: true,
  }),
  'GET /hadal/deploy': doc(
    'Operation',
    'What the config becomes in a cluster, why, and what is wrong with it',
    {
      query: ['overlay'],
      errors: specs(operationUnavailable, own.invalidRequest),
    },
  ),
  'GET /hadal/deploy/file': doc('Operation', 'One rendered file', {
    query: ['path', 'overlay'],
    errors: specs(operationUnavailable, deployFileUnknown, own.invalidRequest),
  }),
  'GET /hadal/deploy/diff': doc(
    'Operation',
    'What the config says otherwise than an overlay, a folder, a cluster',
    {
      query: ['against', 'with', 'overlay'],
      errors: specs(operationUnavailable, own.invalidRequest),
    },
  ),
  'POST /hadal/deploy/lint': doc(
    'Operation',
    'What an API server would refuse of manifests, and what hurts',
    {
      bodies: ['LintRequest'],
      errors: specs(operationUnavailable),
    },
  ),
  'GET /hadal/scaling': doc('Operation', 'How many engines there are here or in a cluster, and why', {
    query: ['from'],
    errors: specs(operationUnavailable, own.invalidRequest),
  }),
  'GET /hadal/alerts': doc('Operation', 'The rules that watch the service, with their state', {
    errors: specs(operationUnavailable),
  }),
  'GET /hadal/alerts/:alert/runbook': doc('Operation', 'What to do when an alert fires', {
    errors: specs(operationUnavailable, runbookUnknown),
  }),
  'POST /hadal/explain': doc('Operation', 'One cause out of logs', {
    bodies: ['ExplainRequest'],
    errors: specs(operationUnavailable),
  }),
  'POST /v1/load_lora_adapter': doc('vLLM', 'Load an adapter', {
    bodies: ['LoadAdapterRequest'],
    answers: ['text/plain'],
    errors: [...asksModel, ...specs(own.adapterChangesOff, engine.adapterExists, engine.adapterUnusable)],
  }),
  'POST /v1/unload_lora_adapter': doc('vLLM', 'Unload an adapter', {
    bodies: ['UnloadAdapterRequest'],
    answers: ['text/plain'],
    errors: [...asksModel, ...specs(own.adapterChangesOff, engine.adapterUnknown)],
  }),
  'GET /livez': operation('Whether the process lives'),
  'GET /health': operation('Whether the model is loaded', { errors: specs(own.modelLoading) }),
  'GET /v1/health': operation('Whether the model is loaded', { errors: specs(own.modelLoading) }),
  'GET /ready': operation('Whether requests may come; 503 with a state otherwise'),
  'GET /metrics': operation('Metrics, as Prometheus reads them', { answers: ['text/plain'] }),
  'GET /openapi.json': doc('Operation', 'This document'),
}
