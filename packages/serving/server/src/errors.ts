/** Every error a user of the server can get: as an HTTP response, in a stream, in the log, or at startup. */

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
  when: 'The server runs with `strictParameters`, and the request has an unknown field. Other servers ignore such fields and list them in a response header.',
  message: (names) => `not known here: ${names.join(', ')}`,
  help: 'Leave it out, correct its spelling, or serve without strictParameters.',
})

export const fimUnsupported: ErrorMaker<[model: string]> = defineError({
  code: 'fim_unsupported',
  status: 501,
  when: 'The request asks for fill-in-the-middle, and the vocabulary of the model has no tokens for it.',
  message: (model) => `${model} was not trained to fill in the middle`,
  help: 'Leave out the suffix, or serve a model that has tokens for it, such as Qwen2.5-Coder or StarCoder2.',
})

export const unsupportedParameter: ErrorMaker<[param: string, what: string]> = defineError({
  code: 'unsupported_parameter',
  status: 400,
  when: 'The request sets a parameter that would change the result and that this server does not support.',
  message: (param, what) => `${param}: ${what} is not supported`,
  help: 'Leave the parameter out. It is refused because ignoring it would give a wrong answer.',
})

export const imageAddressRefused: ErrorMaker<[param: string, scheme: string]> = defineError({
  code: 'image_address_refused',
  status: 400,
  when: 'An image to embed was given as a URL. The server fetches no URLs, because a client could reach internal networks through it.',
  message: (param, scheme) => `${param} is an address (${scheme}), and this server fetches nothing`,
  help: 'Send the image itself: data:image/png;base64,..., or its base64 alone.',
})

export const malformedJson: ErrorMaker<[why: string]> = defineError({
  code: 'malformed_json',
  status: 400,
  when: 'The request body cannot be parsed as JSON.',
  message: (why) => `the body is not JSON: ${why}`,
  help: 'Send one JSON object.',
})

export const invalidUtf8: ErrorMaker<[]> = defineError({
  code: 'invalid_utf8',
  status: 400,
  when: 'The request body contains bytes that are not valid UTF-8.',
  message: () => 'the body is not valid UTF-8',
  help: 'Encode the JSON as UTF-8.',
})

export const malformedHttp: ErrorMaker<[why: string]> = defineError({
  code: 'malformed_http',
  status: 400,
  when: 'The server received data that is not an HTTP request, or whose URL or length cannot be parsed.',
  message: (why) => `not a well-formed HTTP request: ${why}`,
  help: 'Speak HTTP/1.1 to this port, without TLS unless the server has a certificate (tlsCert).',
})

export const unsupportedMediaType: ErrorMaker<[type: string]> = defineError({
  code: 'unsupported_media_type',
  status: 415,
  when: 'The Content-Type of the request body is not JSON.',
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
  when: 'A connection did not send its headers within 10 s, or its whole request within 60 s (in `createServer`: `limits.headersTimeoutMillis`, `limits.requestTimeoutMillis`).',
  message: () => 'the request did not arrive in time',
  help: 'Send the whole request at once.',
})

export const invalidApiKey: ErrorMaker<[given: boolean]> = defineError({
  code: 'invalid_api_key',
  status: 401,
  when: 'The server requires an API key, and the request carries no valid one.',
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
  when: 'GET /decisions was called on a server without autoscaling.',
  message: () => 'nothing decides here how many replicas a model has',
  help: 'Serve with --replicas auto; of models in a cluster ask hadal scale.',
})

export const responseNotStored: ErrorMaker<[id: string]> = defineError({
  code: 'response_not_stored',
  status: 404,
  when: 'A client requested a stored response of the Responses API. The server stores none.',
  message: (id) => `the response ${JSON.stringify(id)} is not stored here`,
  help: 'Keep what POST /v1/responses answers, and send its items as input of the next request.',
})

export const modelNotFound: ErrorMaker<[model: string | undefined, served: readonly string[]]> = defineError({
  code: 'model_not_found',
  status: 404,
  when: 'The request names a model that is not served, or names none although several are served.',
  message: (model, _served) =>
    model === undefined ? 'no model is named' : `the model ${JSON.stringify(model)} is not served`,
  help: (_model, served) => `Set "model" to ${served.map((id) => JSON.stringify(id)).join(' or ')}.`,
})

export const embeddingNotPooled: ErrorMaker<[model: string]> = defineError({
  code: 'embedding_not_pooled',
  status: 400,
  when: 'The OpenAI embeddings API was called for a model that is served with pooling `none`, which returns one vector per token.',
  message: (model) => `${model} gives a vector for each token, where this API has room for one`,
  help: 'Use POST /embedding, or serve with another --pooling.',
})

export const slotsOff: ErrorMaker<[]> = defineError({
  code: 'slots_off',
  status: 501,
  when: 'GET /slots was called on a server started with `--no-slots`.',
  message: () => 'this server does not show its slots',
  help: 'Start it without --no-slots.',
})

export const slotActionsUnsupported: ErrorMaker<[action: string | undefined]> = defineError({
  code: 'slot_actions_unsupported',
  status: 501,
  when: 'POST /slots/ID?action=save, restore or erase was called. The KV cache belongs to prompt prefixes, not to slots, so slots have no state to change.',
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
  when: 'POST /props was called. Properties are settings and cannot be changed while the server runs.',
  message: () => 'the properties of a running server cannot be changed',
  help: 'Start the server with other settings.',
})

export const noFreeSlot: ErrorMaker<[slots: number]> = defineError({
  code: 'no_free_slot',
  status: 503,
  when: 'GET /slots?fail_on_no_slot=1 was called while every slot was busy.',
  message: (slots) => `all ${slots} slots are busy`,
  help: 'Retry after the given number of seconds.',
})

export const adapterChangesOff: ErrorMaker<[]> = defineError({
  code: 'adapter_changes_off',
  status: 403,
  when: 'A client tried to load or unload a LoRA adapter, and `adapterChanges` is not set.',
  message: () => 'clients may not load or unload adapters here',
  help: 'Start the server with --adapter-changes, where every client may read the files that this process can read.',
})

export const modelLoading: ErrorMaker<[]> = defineError({
  code: 'model_loading',
  status: 503,
  when: 'A request arrived before the model was loaded.',
  message: () => 'the model is still loading',
  help: 'Retry after the given number of seconds; GET /ready answers 200 when it is loaded.',
})

export const modelElsewhere: ErrorMaker<[model: string]> = defineError({
  code: 'model_elsewhere',
  status: 501,
  when: 'The request needs direct access to the model, for example to count tokens, and the model runs on another server.',
  message: (model) =>
    `${JSON.stringify(model)} lives in another server, which this request cannot be handed to`,
  help: 'Ask that server, or one of the models that are loaded here.',
})

export const modelLoadFailed: ErrorMaker<[model: string, why: string]> = defineError({
  code: 'model_load_failed',
  status: 503,
  when: 'The requested model could not be loaded. Loading is retried with a delay that grows from one second to one minute.',
  message: (model, why) => `${model} could not be loaded: ${why}`,
  help: 'Retry after the given number of seconds, or name another model; the server log says more.',
})

export const modelOverBudget: ErrorMaker<[model: string, needBytes: number, freeBytes: number]> = defineError(
  {
    code: 'model_over_budget',
    status: 503,
    when: 'A model needs more memory than `memoryBudgetBytes` leaves next to the pinned models, even with all other models unloaded, or `maxModels` is reached by pinned models.',
    message: (model, needBytes, freeBytes) =>
      `${model} needs ${formatBytes(needBytes)}, and the budget has ${formatBytes(freeBytes)} for it`,
    help: 'Give it a smaller kvCacheBytes or a larger memoryBudgetBytes, or pin fewer models.',
  },
)

export const modelPinned: ErrorMaker<[model: string]> = defineError({
  code: 'model_pinned',
  status: 409,
  when: 'A client tried to unload a pinned model.',
  message: (model) => `${model} is pinned`,
  help: 'Unload another one, or serve it without `pinned`.',
})

export const serverDraining: ErrorMaker<[]> = defineError({
  code: 'server_draining',
  status: 503,
  when: 'The server is shutting down. It accepts no new requests and ends those that outlast the drain timeout.',
  message: () => 'the server is shutting down',
  help: 'Send the request again; another replica, or this one after its restart, will take it.',
})

export const generationInterrupted: ErrorMaker<[]> = defineError({
  code: 'generation_interrupted',
  status: 503,
  when: 'The engine stopped a generation before it was complete.',
  message: () => 'the engine ended this generation before it was done',
  help: 'Send the request again.',
})

export const clientGone: ErrorMaker<[]> = defineError({
  code: 'client_gone',
  status: 499,
  when: 'The client closed the connection before the response was complete, and the generation was cancelled. Appears only in logs and metrics.',
  message: () => 'the client closed the connection',
  help: 'Nothing to do, unless the client means to wait longer.',
})

export const readerStalled: ErrorMaker<[millis: number]> = defineError({
  code: 'reader_stalled',
  status: 408,
  when: 'A client did not read its stream for 30 s (in `createServer`: `limits.stallTimeoutMillis`). The generation was cancelled and the connection closed. Appears only in logs and metrics.',
  message: (millis) => `the client has not read its stream for ${millis} ms`,
  help: 'Read the stream as it comes. A server made with createServer can wait longer: limits.stallTimeoutMillis.',
})

export const internalError: ErrorMaker<[requestId: string]> = defineError({
  code: 'internal_error',
  status: 500,
  when: 'The server failed because of a bug in Hadal.',
  message: (requestId) => `the server failed on request ${requestId}`,
  help: 'Report it with the lines of the server log that carry this request id.',
})

export const portInUse: ErrorMaker<[port: number, host: string]> = defineError({
  code: 'port_in_use',
  status: 500,
  when: 'The server cannot start because another program listens on its port.',
  message: (port, host) => `port ${port} on ${host} is in use`,
  help: (port) =>
    `Choose another port, for instance ${port === 65535 ? port - 1 : port + 1}, or stop the program that has it.`,
  docsHelp: 'Choose another port, or stop the program that uses it.',
})

export const listenFailed: ErrorMaker<[port: number, host: string, why: string]> = defineError({
  code: 'listen_failed',
  status: 500,
  when: 'The server cannot listen on the configured host and port.',
  message: (port, host, why) => `cannot listen on ${host}, port ${port}: ${why}`,
  help: 'Use an address of this machine, such as 127.0.0.1 or 0.0.0.0, and a port from 1024 on.',
})
