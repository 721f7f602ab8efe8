/** All engine errors a user can receive, except those of finding and downloading models (`models/`). */

import { defineError, type ErrorMaker, formatBytes } from '@hadal/base'

export const queueFull: ErrorMaker<[maxQueue: number]> = defineError({
  code: 'queue_full',
  status: 429,
  when: 'Every sequence slot is busy, and the queue has reached `maxQueue`.',
  message: (maxQueue) => `the queue is full: ${maxQueue} requests are waiting`,
  help: 'Retry after the given number of seconds, or serve with a larger maxQueue or maxBatchSize.',
})

export const deadlineUnmet: ErrorMaker<[withinMillis?: number]> = defineError({
  code: 'deadline_unmet',
  status: 503,
  when: 'At current latencies, the first token would miss the deadline: the `deadline_ms` of the request or the `sloTtftMillis` of the service. Or the request missed it while it was queued.',
  message: (withinMillis) =>
    withinMillis === undefined
      ? 'the deadline for the first token passed while the request was queued'
      : `the first token would take more than ${withinMillis} ms`,
  help: 'Retry after the given number of seconds, with a later deadline_ms, or serve with a larger sloTtftMillis.',
})

export const contextLengthExceeded: ErrorMaker<
  [promptTokens: number, contextLength: number, atLeast?: boolean, input?: string]
> = defineError({
  code: 'context_length_exceeded',
  status: 400,
  when: 'A prompt leaves no room for a new token in the context of one sequence, or a text to embed or rerank is longer than the model accepts.',
  message: (promptTokens, contextLength, atLeast = false, input = undefined) => {
    const tokens = `${atLeast ? 'at least ' : ''}${promptTokens} tokens`
    return input === undefined
      ? // The code by which clients recognise this error.
        `the prompt has ${tokens} and exceeds the available context size: the maximum context length is ${contextLength} tokens, one of them new`
      : `${input} is too large: it has ${tokens}, and the model takes ${contextLength}`
  },
  help: 'Shorten the prompt, or serve with a larger contextLength if the model allows it.',
  facts: (promptTokens, contextLength) => ({ promptTokens, contextLength }),
})

export const emptyPrompt: ErrorMaker<[input?: string]> = defineError({
  code: 'empty_prompt',
  status: 400,
  when: 'The prompt or the text to embed is empty, and the model has no start token.',
  message: (input = 'the prompt') => `${input} has no tokens`,
  help: 'Send at least one character or token.',
})

export const invalidToken: ErrorMaker<[token: unknown, vocabularySize: number]> = defineError({
  code: 'invalid_token',
  status: 400,
  when: 'A token id in the prompt, in `logit_bias` or in a detokenize request is not in the vocabulary of the model.',
  message: (token, vocabularySize) =>
    `${JSON.stringify(token)} is not a token id of this model; ids are 0 to ${vocabularySize - 1}`,
  help: 'Use ids returned by the tokenizer of this model.',
})

export const engineCrashed: ErrorMaker<[how: string]> = defineError({
  code: 'engine_crashed',
  status: 503,
  when: 'The native engine process crashed while it ran the request. The process is restarted automatically.',
  message: (how) => `the engine process crashed (${how}) while it ran this request`,
  help: 'Retry after the given number of seconds. If the same request crashes it again, report it with the server log.',
})

export const engineClosed: ErrorMaker<[state: string]> = defineError({
  code: 'engine_closed',
  status: 503,
  when: 'A request arrived while the engine was draining or after it was closed.',
  message: (state) => `the engine is ${state} and accepts no new requests`,
  help: 'Send the request to another replica.',
})

export const invalidSampling: ErrorMaker<[name: string, value: unknown, expected: string]> = defineError({
  code: 'invalid_sampling',
  status: 400,
  when: 'A sampling parameter, `maxTokens` or `topLogprobs` is outside its valid range.',
  message: (name, value, expected) => `${name} is ${String(value)}; it must be ${expected}`,
  help: (name, _value, expected) => `Set ${name} to ${expected}, or leave it out.`,
})

export const llamaOptionInvalid: ErrorMaker<[name: string, value: unknown, expected: string]> = defineError({
  code: 'llama_option_invalid',
  status: 500,
  when: 'An option of the llama.cpp engine has an invalid value.',
  message: (name, value, expected) => `${name} is ${String(value)}; it must be ${expected}`,
  help: (name, _value, expected) => `Set ${name} to ${expected}.`,
})

export const llamaLibraryMissing: ErrorMaker<[packages: readonly string[]]> = defineError({
  code: 'llama_library_missing',
  status: 500,
  when: 'No llama.cpp package for this platform is installed.',
  message: (packages) => `none of ${packages.join(', ')} is installed`,
  help: 'Run npm install without --omit=optional. llama.cpp needs Linux with glibc 2.34 or newer, macOS or Windows.',
})

export const llamaLibraryUnusable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'llama_library_unusable',
  status: 500,
  when: 'The installed llama.cpp has a different version than this release requires, or cannot be loaded.',
  message: (path, why) => `cannot use ${path}: ${why}`,
  help: 'Run npm ci to install exactly the pinned version.',
})

export const modelUnusable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'model_unusable',
  status: 500,
  when: 'A GGUF file is truncated or corrupt, or has an architecture that llama.cpp does not support.',
  message: (path, why) => `cannot serve ${path}: ${why}`,
  help: 'Compare the checksum with the source, download the file again, or use another model.',
})

export const modelUnfit: ErrorMaker<[path: string, why: string, instead: string]> = defineError({
  code: 'model_unfit',
  status: 500,
  when: 'The model does not support the requested task: an encoder generates no text, and a model without a classification head cannot rerank.',
  message: (path, why, _instead) => `cannot serve ${path} for this task: ${why}`,
  help: (_path, _why, instead) => instead,
  docsHelp: 'Serve the model for the task that the error names, or use a model of the right kind.',
})

export const memoryLockRefused: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'memory_lock_refused',
  status: 500,
  when: 'The weights are to be locked in memory, and the system limit for locked memory is too low.',
  message: (path, why) => `cannot lock the weights of ${path} in memory: ${why}`,
  help: 'Raise the locked memory limit (`ulimit -l`, LimitMEMLOCK= in systemd, the capability IPC_LOCK in a container), or set lockMemory to false.',
})

export const kvCacheTooLarge: ErrorMaker<[contextLength: number, neededBytes: number, budgetBytes: number]> =
  defineError({
    code: 'kv_cache_too_large',
    status: 500,
    when: 'The KV cache of a single sequence does not fit into the memory allowed for it.',
    message: (contextLength, neededBytes, budgetBytes) =>
      `the KV cache for a context of ${contextLength} tokens needs ${formatBytes(neededBytes)}; the limit is ${formatBytes(budgetBytes)}`,
    help: 'Serve with a smaller contextLength or a larger kvCacheBytes.',
  })

export const engineStartFailed: ErrorMaker<[how: string, lastWords: string]> = defineError({
  code: 'engine_start_failed',
  status: 503,
  when: 'The native engine process crashed repeatedly before it was ready.',
  message: (how, lastWords) =>
    `the engine process failed to start: ${how}${lastWords === '' ? '' : `\n${lastWords}`}`,
  help: 'See the process output above. Common causes are damaged model metadata and too little memory.',
})

export const tooManyVectors: ErrorMaker<[vectors: number, width: number, most: number]> = defineError({
  code: 'too_many_vectors',
  status: 400,
  when: 'The vectors of one embeddings request exceed the size limit of a response.',
  message: (vectors, width, most) =>
    `the response would contain ${vectors} vectors of ${width} numbers; the limit is ${most} numbers in total`,
  help: 'Send fewer inputs per request. With pooling none, every token is a vector.',
})

/** The endpoint to use with a model that takes tensors instead of text. */
const tensorsOnly = (model: string): string =>
  `Send tensors to POST /v2/models/${encodeURIComponent(model)}/infer, or serve another model for texts.`

export const embeddingsOff: ErrorMaker<[model: string, infers?: boolean]> = defineError({
  code: 'embeddings_off',
  status: 501,
  when: 'The model is not served for embeddings. A language model needs `--embeddings`.',
  message: (model) => `${model} is not served for embeddings`,
  help: (model, infers = false) => (infers ? tensorsOnly(model) : 'Start the server with --embeddings.'),
  docsHelp: 'Start the server with --embeddings. For an ONNX model, use POST /v2/models/NAME/infer.',
})

export const imagesOff: ErrorMaker<[model: string]> = defineError({
  code: 'images_off',
  status: 501,
  when: 'An image was sent to a model that embeds text only.',
  message: (model) => `${model} does not embed images`,
  help: 'Send text, or use a model that embeds both, such as a CLIP model.',
})

export const tokensOff: ErrorMaker<[model: string]> = defineError({
  code: 'tokens_off',
  status: 501,
  when: 'A request sends token ids to, or requests them from, a model that accepts only whole texts and images, such as a CLIP model.',
  message: (model) => `${model} accepts texts and images, not tokens`,
  help: 'Send the text itself.',
})

export const rerankingOff: ErrorMaker<[model: string, infers?: boolean]> = defineError({
  code: 'reranking_off',
  status: 501,
  when: 'The model is not a reranker, or is served without `--reranking`.',
  message: (model) => `${model} is not served as a reranker`,
  help: (model, infers = false) =>
    infers ? tensorsOnly(model) : 'Serve a reranking model, with --reranking.',
  docsHelp: 'Serve a reranking model with --reranking. For an ONNX model, use POST /v2/models/NAME/infer.',
})

export const generationOff: ErrorMaker<[model: string, infers?: boolean]> = defineError({
  code: 'generation_off',
  status: 501,
  when: 'The model provides embeddings, scores or tensors only, and cannot generate text.',
  message: (model) => `${model} does not generate text`,
  help: (model, infers = false) =>
    infers ? tensorsOnly(model) : 'Request embeddings or a ranking, or serve a model that generates text.',
  docsHelp:
    'Request embeddings or a ranking, or serve a model that generates text. For an ONNX model, use POST /v2/models/NAME/infer.',
})

export const adapterUnknown: ErrorMaker<[id: string, loaded: readonly string[]]> = defineError({
  code: 'adapter_unknown',
  status: 404,
  when: 'The request names a LoRA adapter that is not loaded.',
  message: (id, _loaded) => `the adapter ${JSON.stringify(id)} is not loaded`,
  help: (_id, loaded) =>
    loaded.length === 0
      ? 'Load it first, or list it in the configuration.'
      : `Loaded adapters: ${loaded.map((each) => JSON.stringify(each)).join(', ')}. Use one of these, or load it first.`,
  docsHelp:
    'Use one of the loaded adapters that the error lists, load the adapter first, or list it in the configuration.',
})

export const adapterExists: ErrorMaker<[id: string]> = defineError({
  code: 'adapter_exists',
  status: 409,
  when: 'A LoRA adapter is to be loaded under a name that is already in use.',
  message: (id) => `an adapter named ${JSON.stringify(id)} is already loaded`,
  help: 'Unload it first, or choose another name.',
})

export const adapterUnusable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'adapter_unusable',
  status: 400,
  when: 'A LoRA adapter cannot be read, or belongs to another base model.',
  message: (path, why) => `cannot use the adapter ${path}: ${why}`,
  help: 'Provide a LoRA adapter in GGUF format that was trained for the served model.',
})

export const invalidGrammar: ErrorMaker<[why: string]> = defineError({
  code: 'invalid_grammar',
  status: 400,
  when: 'A GBNF grammar cannot be parsed, has no root rule, or is nested too deeply.',
  message: (why) => `invalid grammar: ${why}`,
  help: 'Correct the grammar. The notation is described at https://github.com/ggml-org/llama.cpp/tree/master/grammars.',
})

export const draftModelUnfit: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'draft_model_unfit',
  status: 500,
  when: 'The draft model cannot be used for speculative decoding with the served model: its vocabulary differs, or it cannot roll back tokens.',
  message: (path, why) => `${path} cannot draft for this model: ${why}`,
  help: 'Use a small model of the same family, or none: draft tokens then come from the prompt and output itself.',
})
