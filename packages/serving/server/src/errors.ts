/** Every error of the server that a user can meet: as an HTTP answer, in a stream, in the log, or when starting it. */

import { defineError, type ErrorMaker, formatBytes } from '@hadal/base'
import type { Fault } from '@hadal/protocol'

const shownFaults = 10

export const invalidRequest: ErrorMaker<[faults: readonly Fault[]]> = defineError({
  code: 'invalid_request',
  status: 400,
  when: 'A field of the request body is missing, has the wrong type, or is out of range.',
  message: (faults) => {
    const shown = faults
      .slice(0, shownFaults)
      .map(({ param, message }) => `${param || 'the body'} ${message}`)
    const more = faults.length - shown.length
    return shown.join('; ') + (more > 0 ? `; and ${more} more` : '')
  },
  help: 'Correct the fields named.',
})

export const unknownParameter: ErrorMaker<[names: readonly string[]]> = defineError({
  code: 'unknown_parameter',
  status: 400,
  when: 'A server with `strictParameters` is sent a field that it does not know. Other servers ignore it and say so in a header.',
  message: (names) => `not known here: ${names.join(', ')}`,
  help: 'Leave it out, correct its spelling, or serve without strictParameters.',
})

export const fimUnsupported: ErrorMaker<[model: string]> = defineError({
  code: 'fim_unsupported',
  status: 501,
  when: 'A text is to be filled in the middle, by a model whose vocabulary has no tokens for it.',
  message: (model) => `${model} was not trained to fill in the middle`,
  help: 'Leave out the suffix, or serve a model that has tokens for it, such as Qwen2.5-Coder or StarCoder2.',
})

export const unsupportedParameter: ErrorMaker<[param: string, what: string]> = defineError({
  code: 'unsupported_parameter',
  status: 400,
  when: 'A request asks for something that would change the answer and that this server cannot do.',
  message: (param, what) => `${param}: ${what} is not supported`,
  help: 'Leave the parameter out. It is refused because ignoring it would give a wrong answer.',
})

export const imageAddressRefused: ErrorMaker<[param: string, scheme: string]> = defineError({
  code: 'image_address_refused',
  status: 400,
  when: 'An image to embed is given by its address. A server that fetched what clients name could be sent into networks that only it can reach.',
  message: (param, scheme) => `${param} is an address (${scheme}), and this server fetches nothing`,
  help: 'Send the image itself: data:image/png;base64,..., or its base64 alone.',
})

export const malformedJson: ErrorMaker<[why: string]> = defineError({
  code: 'malformed_json',
  status: 400,
  when: 'The request body is not JSON.',
  message: (why) => `the body is not JSON: ${why}`,
  help: 'Send one JSON object.',
})

export const invalidUtf8: ErrorMaker<[]> = defineError({
  code: 'invalid_utf8',
  status: 400,
  when: 'The request body holds bytes that are not UTF-8.',
  message: () => 'the body is not valid UTF-8',
  help: 'Encode the JSON as UTF-8.',
})

export const malformedHttp: ErrorMaker<[why: string]> = defineError({
  code: 'malformed_http',
  status: 400,
  when: 'What arrived is not an HTTP request, or its URL or length cannot be read.',
  message: (why) => `not a well-formed HTTP request: ${why}`,
  help: 'Speak HTTP/1.1 to this port, without TLS unless the server has a certificate (tlsCert).',
})

export const unsupportedMediaType: ErrorMaker<[type: string]> = defineError({
  code: 'unsupported_media_type',
  status: 415,
  when: 'The request body is not declared as JSON.',
  message: (type) => `a body of type ${type === '' ? '(none)' : JSON.stringify(type)} is not read`,
  help: "Send the header 'Content-Type: application/json'.",
})

export const bodyTooLarge: ErrorMaker<[limitBytes: number]> = defineError({
  code: 'body_too_large',
  status: 413,
  when: 'The request body is larger than `bodyLimitBytes` (in `createServer`: `limits.maxBodyBytes`).',
  message: (limitBytes) => `the body is larger than ${limitBytes} bytes`,
  help: 'Shorten the prompt, or serve with a larger bodyLimitBytes (in createServer: limits.maxBodyBytes).',
})

export const headersTooLarge: ErrorMaker<[limitBytes: number]> = defineError({
  code: 'headers_too_large',
  status: 431,
  when: 'The request line and headers are larger than `headerLimitBytes` (in `createServer`: `limits.maxHeaderBytes`).',
  message: (limitBytes) => `the request headers are larger than ${formatBytes(limitBytes)}`,
  help: 'Send fewer or shorter headers, or serve with a larger headerLimitBytes.',
})

export const requestTimeout: ErrorMaker<[]> = defineError({
  code: 'request_timeout',
  status: 408,
  when: 'A connection did not deliver its headers within 10 s, or its whole request within 60 s (in `createServer`: `limits.headersTimeoutMillis`, `limits.requestTimeoutMillis`).',
  message: () => 'the request did not arrive in time',
  help: 'Send the whole request at once.',
})

export const invalidApiKey: ErrorMaker<[given: boolean]> = defineError({
  code: 'invalid_api_key',
  status: 401,
  when: 'API keys are configured, and the request carries none of them.',
  message: (given) => (given ? 'the API key is not known here' : 'no API key was given'),
  help: "Send the header 'Authorization: Bearer KEY' with a key this server was configured with.",
})

export const routeNotFound: ErrorMaker<[method: string, path: string]> = defineError({
  code: 'route_not_found',
  status: 404,
  when: 'No route has this method and path.',
  message: (method, path) => `there is no ${method} ${path}`,
  help: 'Clients of OpenAI need a base URL that ends in /v1.',
})

export const replicasFixed: ErrorMaker<[]> = defineError({
  code: 'replicas_fixed',
  status: 404,
  when: 'GET /decisions is asked of a server where the number of replicas follows no load.',
  message: () => 'nothing decides here how many replicas a model has',
  help: 'Serve with --replicas auto; of models in a cluster ask hadal scale.',
})

export const responseNotStored: ErrorMaker<[id: string]> = defineError({
  code: 'response_not_stored',
  status: 404,
  when: 'A response of the Responses API is asked for after it was answered: none is stored.',
  message: (id) => `the response ${JSON.stringify(id)} is not stored here`,
  help: 'Keep what POST /v1/responses answers, and send its items as input of the next request.',
})

export const modelNotFound: ErrorMaker<[model: string | undefined, served: readonly string[]]> = defineError({
  code: 'model_not_found',
  status: 404,
  when: 'The request names a model that is not served, or none where several are.',
  message: (model, _served) =>
    model === undefined ? 'no model is named' : `the model ${JSON.stringify(model)} is not served`,
  help: (_model, served) => `Set "model" to ${served.map((id) => JSON.stringify(id)).join(' or ')}.`,
})

export const embeddingNotPooled: ErrorMaker<[model: string]> = defineError({
  code: 'embedding_not_pooled',
  status: 400,
  when: 'OpenAI’s API for embeddings is asked of a model that is served with pooling `none`, and so gives a vector for each token.',
  message: (model) => `${model} gives a vector for each token, where this API has room for one`,
  help: 'Use POST /embedding, or serve with another --pooling.',
})

export const slotsOff: ErrorMaker<[]> = defineError({
  code: 'slots_off',
  status: 501,
  when: 'GET /slots is asked of a server that was told not to answer it.',
  message: () => 'this server does not show its slots',
  help: 'Start it without --no-slots.',
})

export const slotActionsUnsupported: ErrorMaker<[action: string | undefined]> = defineError({
  code: 'slot_actions_unsupported',
  status: 501,
  when: 'POST /slots/ID?action=save, restore or erase: keys and values belong to prompts here, not to slots.',
  message: (action) => `slots cannot be ${slotActions.get(action ?? '') ?? 'changed'} here`,
  help: 'Leave it out: a prompt that begins like an earlier one finds what is kept of that by itself. To have nothing reused, send "cache_prompt": false.',
})

const slotActions = new Map([
  ['save', 'saved'],
  ['restore', 'restored'],
  ['erase', 'erased'],
])

export const propsFixed: ErrorMaker<[]> = defineError({
  code: 'props_fixed',
  status: 501,
  when: 'POST /props: properties are settings, and cannot be changed while a server runs.',
  message: () => 'the properties of a running server cannot be changed',
  help: 'Start the server with other settings.',
})

export const noFreeSlot: ErrorMaker<[slots: number]> = defineError({
  code: 'no_free_slot',
  status: 503,
  when: 'GET /slots?fail_on_no_slot=1 while every slot generates.',
  message: (slots) => `all ${slots} slots are busy`,
  help: 'Retry after the given number of seconds.',
})

export const adapterChangesOff: ErrorMaker<[]> = defineError({
  code: 'adapter_changes_off',
  status: 403,
  when: 'A client wants to load or unload a LoRA adapter, and `adapterChanges` is not set.',
  message: () => 'clients may not load or unload adapters here',
  help: 'Start the server with --adapter-changes, where every client may read the files that this process can read.',
})

export const modelLoading: ErrorMaker<[]> = defineError({
  code: 'model_loading',
  status: 503,
  when: 'A request arrives before the model is loaded.',
  message: () => 'the model is still loading',
  help: 'Retry after the given number of seconds; GET /ready answers 200 when it is loaded.',
})

export const modelElsewhere: ErrorMaker<[model: string]> = defineError({
  code: 'model_elsewhere',
  status: 501,
  when: 'A request needs the model itself, for instance to count tokens, and the model lives in another server.',
  message: (model) =>
    `${JSON.stringify(model)} lives in another server, which this request cannot be handed to`,
  help: 'Ask that server, or one of the models that are loaded here.',
})

export const modelLoadFailed: ErrorMaker<[model: string, why: string]> = defineError({
  code: 'model_load_failed',
  status: 503,
  when: 'A request names a model that could not be loaded. It is tried again, after a second at first and after a minute at most.',
  message: (model, why) => `${model} could not be loaded: ${why}`,
  help: 'Retry after the given number of seconds, or name another model; the server log says more.',
})

export const modelOverBudget: ErrorMaker<[model: string, needBytes: number, freeBytes: number]> = defineError(
  {
    code: 'model_over_budget',
    status: 503,
    when: 'A model needs more memory than `memoryBudgetBytes` leaves beside the pinned models, even with all others unloaded, or there may be no more models beside them (`maxModels`).',
    message: (model, needBytes, freeBytes) =>
      `${model} needs ${formatBytes(needBytes)}, and the budget has ${formatBytes(freeBytes)} for it`,
    help: 'Give it a smaller kvCacheBytes or a larger memoryBudgetBytes, or pin fewer models.',
  },
)

export const modelPinned: ErrorMaker<[model: string]> = defineError({
  code: 'model_pinned',
  status: 409,
  when: 'A pinned model is to be unloaded.',
  message: (model) => `${model} is pinned`,
  help: 'Unload another one, or serve it without `pinned`.',
})

export const serverDraining: ErrorMaker<[]> = defineError({
  code: 'server_draining',
  status: 503,
  when: 'The server is shutting down: it takes no new requests, and ends those that outlast the drain timeout.',
  message: () => 'the server is shutting down',
  help: 'Send the request again; another replica, or this one after its restart, will take it.',
})

export const generationInterrupted: ErrorMaker<[]> = defineError({
  code: 'generation_interrupted',
  status: 503,
  when: 'The engine ended a generation before it was done.',
  message: () => 'the engine ended this generation before it was done',
  help: 'Send the request again.',
})

export const clientGone: ErrorMaker<[]> = defineError({
  code: 'client_gone',
  status: 499,
  when: 'The client closed the connection before its answer was complete; the generation was cancelled. Only in logs and metrics.',
  message: () => 'the client closed the connection',
  help: 'Nothing to do, unless the client means to wait longer.',
})

export const readerStalled: ErrorMaker<[millis: number]> = defineError({
  code: 'reader_stalled',
  status: 408,
  when: 'A client did not read its stream for 30 s (in `createServer`: `limits.stallTimeoutMillis`); the generation was cancelled and the connection closed. Only in logs and metrics.',
  message: (millis) => `the client has not read its stream for ${millis} ms`,
  help: 'Read the stream as it comes. A server made with createServer can wait longer: limits.stallTimeoutMillis.',
})

export const internalError: ErrorMaker<[requestId: string]> = defineError({
  code: 'internal_error',
  status: 500,
  when: 'A fault of the server itself.',
  message: (requestId) => `the server failed on request ${requestId}`,
  help: 'Report it with the lines of the server log that carry this request id.',
})

export const portInUse: ErrorMaker<[port: number, host: string]> = defineError({
  code: 'port_in_use',
  status: 500,
  when: 'The server starts on a port that another program listens on.',
  message: (port, host) => `port ${port} on ${host} is in use`,
  help: (port) =>
    `Choose another port, for instance ${port === 65535 ? port - 1 : port + 1}, or stop the program that has it.`,
})

export const listenFailed: ErrorMaker<[port: number, host: string, why: string]> = defineError({
  code: 'listen_failed',
  status: 500,
  when: 'The server cannot listen on the host and port it was given.',
  message: (port, host, why) => `cannot listen on ${host}, port ${port}: ${why}`,
  help: 'Use an address of this machine, such as 127.0.0.1 or 0.0.0.0, and a port from 1024 on.',
})
