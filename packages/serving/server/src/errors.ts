/** Every error a user of the server can get: as an HTTP response, in a stream, in the log, or at startup. */

import { defineError, type ErrorMaker, formatBytes } from '@hadal/base'
import type { Issue } from '@hadal/protocol'

const shownIssues = 10

export const invalidRequest: ErrorMaker<[issues: readonly Issue[]]> = defineError({
  code: 'invalid_request',
  status: 400,
  when: 'A field of the request body is missing, has the wrong type, or is out of range.',
  message: (issues) => {
    const shown = issues
      .slice(0, shownIssues)
      .map(({ param, message }) => `${param || 'the body'} ${message}`)
    const more = issues.length - shown.length
    return shown.join('; ') + (more > 0 ? `; and ${more} more` : '')
  },
  help: 'Correct the fields that the message names, and send the request again.',
})

export const unknownParameter: ErrorMaker<[names: readonly string[]]> = defineError({
  code: 'unknown_parameter',
  status: 400,
  when: 'The server runs with `strictParameters`, and the request has an unknown field. Other servers ignore such fields and list them in a response header.',
  message: (names) => `unknown parameter: ${names.join(', ')}`,
  help: 'Remove the field, correct its spelling, or serve without strictParameters.',
})

export const fimUnsupported: ErrorMaker<[model: string]> = defineError({
  code: 'fim_unsupported',
  status: 501,
  when: 'The request asks for fill-in-the-middle, and the vocabulary of the model has no tokens for it.',
  message: (model) => `${model} does not support fill-in-the-middle`,
  help: 'Remove the suffix, or serve a model with fill-in-the-middle tokens, such as Qwen2.5-Coder or StarCoder2.',
})

export const unsupportedParameter: ErrorMaker<[param: string, what: string]> = defineError({
  code: 'unsupported_parameter',
  status: 400,
  when: 'The request sets a parameter that would change the result and that this server does not support.',
  message: (param, what) => `${param}: ${what} is not supported`,
  help: 'Remove the parameter. It is rejected because ignoring it would return a wrong result.',
})

export const imageAddressRefused: ErrorMaker<[param: string, scheme: string]> = defineError({
  code: 'image_address_refused',
  status: 400,
  when: 'An image to embed was given as a URL. The server fetches no URLs, because a client could reach internal networks through it.',
  message: (param, scheme) => `${param} is a URL (${scheme}), and this server does not fetch URLs`,
  help: 'Send the image itself: data:image/png;base64,..., or plain base64.',
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
  when: 'The server received data that is not an HTTP request, or one whose URL, host or length cannot be parsed or is ambiguous.',
  message: (why) => `not a well-formed HTTP request: ${why}`,
  help: 'Use HTTP/1.1 with one Host header, and Content-Length or Transfer-Encoding: chunked. Use TLS only if the server has a certificate (tlsCert).',
})

export const unsupportedMediaType: ErrorMaker<[type: string]> = defineError({
  code: 'unsupported_media_type',
  status: 415,
  when: 'The Content-Type of the request body is not JSON.',
  message: (type) => `unsupported content type ${type === '' ? '(none)' : JSON.stringify(type)}`,
  help: "Send the header 'Content-Type: application/json'.",
})

export const unsupportedContentEncoding: ErrorMaker<[encoding: string]> = defineError({
  code: 'unsupported_content_encoding',
  status: 415,
  when: 'The request body is compressed: the request has a Content-Encoding.',
  message: (encoding) => `unsupported content encoding ${JSON.stringify(encoding)}`,
  help: 'Send the body uncompressed, without Content-Encoding.',
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
  help: 'Send the whole request without pauses, and check the network between client and server.',
})

export const invalidApiKey: ErrorMaker<[given: boolean]> = defineError({
  code: 'invalid_api_key',
  status: 401,
  when: 'The server requires an API key, and the request carries no valid one.',
  message: (given) => (given ? 'the API key is not valid' : 'no API key was given'),
  help: "Send the header 'Authorization: Bearer KEY' with a key that this server was configured with.",
})

export const routeNotFound: ErrorMaker<[method: string, path: string]> = defineError({
  code: 'route_not_found',
  status: 404,
  when: 'No route has this method and path.',
  message: (method, path) => `no such route: ${method} ${path}`,
  help: 'Check the method and the path. OpenAI clients need a base URL that ends in /v1.',
})

export const replicasFixed: ErrorMaker<[]> = defineError({
  code: 'replicas_fixed',
  status: 404,
  when: 'GET /decisions was called on a server without autoscaling.',
  message: () => 'this server does not scale its replicas',
  help: 'Serve with --replicas auto. For models in a cluster, run `hadal scale status`.',
})

export const responseNotStored: ErrorMaker<[id: string]> = defineError({
  code: 'response_not_stored',
  status: 404,
  when: 'A client requested a stored response of the Responses API. The server stores none.',
  message: (id) => `the response ${JSON.stringify(id)} is not stored on this server`,
  help: 'Keep the output of POST /v1/responses, and send its items as input of the next request.',
})

export const modelNotFound: ErrorMaker<[model: string | undefined, served: readonly string[]]> = defineError({
  code: 'model_not_found',
  status: 404,
  when: 'The request names a model that is not served, or names none although several are served.',
  message: (model, _served) =>
    model === undefined ? 'the request names no model' : `the model ${JSON.stringify(model)} is not served`,
  help: (_model, served) => `Set "model" to ${served.map((id) => JSON.stringify(id)).join(' or ')}.`,
})

export const embeddingNotPooled: ErrorMaker<[model: string]> = defineError({
  code: 'embedding_not_pooled',
  status: 400,
  when: 'The OpenAI embeddings API was called for a model that is served with pooling `none`, which returns one vector per token.',
  message: (model) => `${model} returns one vector per token, and this API returns one vector per input`,
  help: 'Use POST /embedding, or serve with another --pooling.',
})

export const slotsOff: ErrorMaker<[]> = defineError({
  code: 'slots_off',
  status: 501,
  when: 'GET /slots was called on a server started with `--no-slots`.',
  message: () => 'the slots endpoint is disabled on this server',
  help: 'Start it without --no-slots.',
})

export const slotActionsUnsupported: ErrorMaker<[action: string | undefined]> = defineError({
  code: 'slot_actions_unsupported',
  status: 501,
  when: 'POST /slots/ID?action=save, restore or erase was called. The KV cache belongs to prompt prefixes, not to slots, so slots have no state to change.',
  message: (action) => `slots cannot be ${slotActions.get(action ?? '') ?? 'changed'} on this server`,
  help: 'Remove the call: cached prefixes are reused automatically. To disable reuse for a request, send "cache_prompt": false.',
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
  help: 'Restart the server with other settings.',
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
  message: () => 'loading and unloading adapters is disabled on this server',
  help: 'Start the server with --adapter-changes. Any client can then read the files that the server process can read.',
})

export const modelLoading: ErrorMaker<[]> = defineError({
  code: 'model_loading',
  status: 503,
  when: 'A request arrived before the model was loaded.',
  message: () => 'the model is still loading',
  help: 'Retry after the given number of seconds. GET /ready returns 200 when the model is loaded.',
})

export const modelElsewhere: ErrorMaker<[model: string]> = defineError({
  code: 'model_elsewhere',
  status: 501,
  when: 'The request needs direct access to the model, for example to count tokens, and the model runs on another server.',
  message: (model) => `${JSON.stringify(model)} runs on another server, and this request cannot be proxied`,
  help: 'Send the request to that server, or use a model that is loaded here.',
})

export const modelLoadFailed: ErrorMaker<[model: string, why: string]> = defineError({
  code: 'model_load_failed',
  status: 503,
  when: 'The requested model could not be loaded. Loading is retried with a delay that grows from one second to one minute.',
  message: (model, why) => `${model} could not be loaded: ${why}`,
  help: 'Retry after the given number of seconds, or use another model. The server log has the details.',
})

export const modelOverBudget: ErrorMaker<[model: string, needBytes: number, freeBytes: number]> = defineError(
  {
    code: 'model_over_budget',
    status: 503,
    when: 'A model needs more memory than `memoryBudgetBytes` leaves next to the pinned models, even with all other models unloaded, or `maxModels` is reached by pinned models.',
    message: (model, needBytes, freeBytes) =>
      `${model} needs ${formatBytes(needBytes)}, and the memory budget has ${formatBytes(freeBytes)} left`,
    help: 'Set a smaller kvCacheBytes or a larger memoryBudgetBytes, or pin fewer models.',
  },
)

export const modelPinned: ErrorMaker<[model: string]> = defineError({
  code: 'model_pinned',
  status: 409,
  when: 'A client tried to unload a pinned model.',
  message: (model) => `${model} is pinned`,
  help: 'Unload another model, or serve this one without `pinned`.',
})

export const serverDraining: ErrorMaker<[]> = defineError({
  code: 'server_draining',
  status: 503,
  when: 'The server is shutting down. It accepts no new requests and ends those that outlast the drain timeout.',
  message: () => 'the server is shutting down',
  help: 'Retry: another replica, or this one after its restart, will serve the request.',
})

export const generationInterrupted: ErrorMaker<[]> = defineError({
  code: 'generation_interrupted',
  status: 503,
  when: 'The engine stopped a generation before it was complete.',
  message: () => 'the engine stopped this generation before it was complete',
  help: 'Send the request again.',
})

export const clientGone: ErrorMaker<[]> = defineError({
  code: 'client_gone',
  status: 499,
  when: 'The client closed the connection before the response was complete, and the generation was cancelled. Appears only in logs and metrics.',
  message: () => 'the client closed the connection',
  help: 'No action is needed. If clients give up too early, raise their timeout.',
})

export const readerStalled: ErrorMaker<[millis: number]> = defineError({
  code: 'reader_stalled',
  status: 408,
  when: 'A client did not read its stream for 30 s (in `createServer`: `limits.stallTimeoutMillis`). The generation was cancelled and the connection closed. Appears only in logs and metrics.',
  message: (millis) => `the client has not read its stream for ${millis} ms`,
  help: 'Read the stream as it arrives. A server made with createServer can wait longer: limits.stallTimeoutMillis.',
})

export const internalError: ErrorMaker<[requestId: string]> = defineError({
  code: 'internal_error',
  status: 500,
  when: 'The server failed because of a bug in Hadal.',
  message: (requestId) => `the server failed on request ${requestId}`,
  help: 'Report it with the server log lines that carry this request id.',
})

export const portInUse: ErrorMaker<[port: number, host: string]> = defineError({
  code: 'port_in_use',
  status: 500,
  when: 'The server cannot start because another program listens on its port.',
  message: (port, host) => `port ${port} on ${host} is in use`,
  help: (port) =>
    `Choose another port, for instance ${port === 65535 ? port - 1 : port + 1}, or stop the program that uses it.`,
  docsHelp: 'Choose another port, or stop the program that uses it.',
})

export const listenFailed: ErrorMaker<[port: number, host: string, why: string]> = defineError({
  code: 'listen_failed',
  status: 500,
  when: 'The server cannot listen on the configured host and port.',
  message: (port, host, why) => `cannot listen on ${host}, port ${port}: ${why}`,
  help: 'Use an address of this machine, such as 127.0.0.1 or 0.0.0.0, and a port of 1024 or above.',
})
