/** POST /v2/models/NAME/infer: parses the body for a loaded model, batches its tensors with other requests, and formats the outputs. */

import { isPlainObject } from '@hadal/base'
import { type Engine, inferenceOff, isTensorInvalid, type TensorModel, type TensorValue } from '@hadal/engine'
import { type InferBody, type InferParameters, inferBodySchema, parse, priorityRange } from '@hadal/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Call } from '../answer/answer-call.ts'
import { holdModel } from '../answer/held-model.ts'
import type { PooledRouteContext } from '../answer/pooled-route.ts'
import { invalidField, refuse } from '../field-issues.ts'
import { schedulingOf } from '../scheduling.ts'
import { classified } from './classification.ts'
import { headerLength, type InferPayload, inferPayload } from './infer-payload.ts'
import type { InferenceStatistics } from './inference-statistics.ts'
import { classLabels, rowsAreFirst, servedVersion } from './model-facts.ts'
import { rawTensor, readTensors } from './read-tensors.ts'
import { type WrittenTensor, writeAnswer } from './write-tensors.ts'

export interface InferContext
  extends Pick<PooledRouteContext, 'models' | 'accepting' | 'inFlight' | 'gate' | 'limits' | 'clock'> {
  readonly statistics: InferenceStatistics
}

export async function infer(
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  context: InferContext,
): Promise<Buffer> {
  const { models, gate, clock, statistics } = context
  using call = new Call(request, reply, context, false)
  // The response header contains the JSON length, so no keep-alive can be sent before it.
  call.quiet = true
  const arrivedAt = clock.now()
  let model: string | undefined
  try {
    await gate?.admit(call, models.called(name), payloadOf(request).bodyBytes)
    await holdModel(models, name, call)
    const engine = models.find(name)
    model = engine.model.id
    request.record?.asks({ operation: 'inference', model })
    const requested = readInference(request, reply, engine, context)
    const scheduling = schedulingOf(request, requested.scheduling)
    const { outputs, times } = await engine.infer!(
      {
        id: request.id,
        inputs: requested.inputs,
        ...(requested.outputs !== undefined && { outputs: requested.outputs.map((output) => output.name) }),
        ...scheduling,
      },
      call.signal,
    ).catch(placed)
    statistics.succeeded(model, clock.now() - arrivedAt, times)
    return answered(reply, requested, outputs, engine)
  } catch (thrown) {
    if (model !== undefined) statistics.failed(model, clock.now() - arrivedAt)
    throw thrown
  }
}

interface RequestedOutput {
  readonly name: string
  readonly isBinary: boolean
  /** Number of top classes to return instead of numbers. */
  readonly classes: number | undefined
}

interface RequestedInference {
  readonly id: string | undefined
  readonly inputs: readonly TensorValue[]
  /** Undefined: all outputs. */
  readonly outputs: readonly RequestedOutput[] | undefined
  readonly allBinary: boolean
  readonly scheduling: { readonly priority?: number; readonly deadlineMillis?: number }
}

/** Throws `inference_off`, `invalid_request`, `unsupported_parameter`. */
function readInference(
  request: FastifyRequest,
  reply: FastifyReply,
  { model, infer }: Engine,
  { accepting }: InferContext,
): RequestedInference {
  const { tensors } = model
  if (tensors === undefined || infer === undefined) throw inferenceOff(model.id)
  const { json, binary } = payloadOf(request)
  if (json === undefined)
    return {
      id: undefined,
      inputs: [rawTensor(binary, tensors.inputs)],
      outputs: undefined,
      allBinary: true,
      scheduling: {},
    }
  const body = readBody(json, accepting(reply))
  const { parameters = {}, outputs } = body
  const allBinary = flag(parameters, 'binary_data_output', 'parameters') ?? false
  return {
    id: body.id,
    inputs: readTensors(body.inputs, binary),
    // An empty list means all outputs.
    outputs:
      outputs === undefined || outputs.length === 0
        ? undefined
        : outputs.map((output, at) => readOutput(output, at, allBinary, outputs)),
    allBinary,
    scheduling: readScheduling(parameters),
  }
}

/** Undefined if there is no body. */
const payloadOf = ({ body, headers }: FastifyRequest): InferPayload =>
  (body as InferPayload | undefined) ?? inferPayload(Buffer.alloc(0), headers)

/** Tensor data bypasses the schema, because validating each number would take seconds. */
function readBody(json: unknown, accept: ReturnType<InferContext['accepting']>): InferBody {
  const given = (json as { readonly inputs?: unknown } | null)?.inputs
  if (!Array.isArray(given)) return accept(parse(inferBodySchema, json))
  const data = given.map((input: unknown) => (input as { readonly data?: unknown } | null)?.data)
  const inputs = given.map((input: unknown) => (isPlainObject(input) ? { ...input, data: undefined } : input))
  const body = accept(parse(inferBodySchema, { ...(json as object), inputs }))
  return { ...body, inputs: body.inputs.map((input, at) => ({ ...input, data: data[at] })) }
}

function readOutput(
  { name, parameters = {} }: { readonly name: string; readonly parameters?: InferParameters | undefined },
  at: number,
  allBinary: boolean,
  all: NonNullable<InferBody['outputs']>,
): RequestedOutput {
  const place = `outputs[${at}].parameters`
  if (all.findIndex((output) => output.name === name) < at)
    throw invalidField(
      `outputs[${at}].name`,
      `must be another: ${JSON.stringify(name.slice(0, 100))} is asked for already`,
    )
  if (parameters.shared_memory_region !== undefined) refuse(`${place}.shared_memory_region`, 'shared memory')
  const { classification } = parameters
  // Triton's clients send 0 for none.
  const classes = classification === undefined || classification === 0 ? undefined : classification
  if (classes !== undefined && !(Number.isSafeInteger(classes) && Number(classes) >= 1))
    throw invalidField(
      `${place}.classification`,
      `must be a whole number of at least 1, got ${JSON.stringify(classes)}`,
    )
  return {
    name,
    isBinary: flag(parameters, 'binary_data', place) ?? allBinary,
    classes: classes as number | undefined,
  }
}

function flag(parameters: InferParameters, name: string, place: string): boolean | undefined {
  const value = parameters[name]
  if (value === undefined || typeof value === 'boolean') return value
  throw invalidField(`${place}.${name}`, `must be true or false, got ${JSON.stringify(value)}`)
}

/** In Triton, 0 means unset. Timeouts are in microseconds; requests that would miss theirs are rejected. */
function readScheduling(parameters: InferParameters): RequestedInference['scheduling'] {
  const { sequence_id: sequence } = parameters
  if (sequence !== undefined && sequence !== 0 && sequence !== '')
    refuse('parameters.sequence_id', 'a model with a state between requests')
  const whole = (name: 'priority' | 'timeout', most: number): number | undefined => {
    const value = parameters[name]
    if (value === undefined || value === 0) return undefined
    if (Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most) return Number(value)
    throw invalidField(
      `parameters.${name}`,
      `must be a whole number from 0 to ${most}, got ${JSON.stringify(value)}`,
    )
  }
  const priority = whole('priority', priorityRange.most)
  const timeout = whole('timeout', 86_400_000_000)
  return {
    ...(priority !== undefined && { priority }),
    ...(timeout !== undefined && { deadlineMillis: Math.max(1, Math.ceil(timeout / 1000)) }),
  }
}

/** Renames the engine's parameter in an error to the client's field. */
function placed(thrown: unknown): never {
  if (!isTensorInvalid(thrown)) throw thrown
  const { param } = thrown
  throw param?.startsWith('[') ? thrown.with({ param: `inputs${param}` }) : thrown
}

function answered(
  reply: FastifyReply,
  { id, outputs, allBinary }: RequestedInference,
  values: readonly TensorValue[],
  { model }: Engine,
): Buffer {
  const written = values.map((value): WrittenTensor => {
    const requested = outputs?.find(({ name }) => name === value.name)
    const { classes, isBinary = allBinary } = requested ?? {}
    return { value: classes === undefined ? value : classesOf(value, classes, model.tensors!), isBinary }
  })
  const head = { model_name: model.id, model_version: servedVersion, ...(id !== undefined && { id }) }
  const { body, jsonBytes } = writeAnswer(head, written)
  if (jsonBytes === undefined) reply.type('application/json; charset=utf-8')
  else reply.type('application/octet-stream').header(headerLength, String(jsonBytes))
  return body
}

function classesOf(value: TensorValue, classes: number, tensors: TensorModel): TensorValue {
  const found = classified(value, classes, rowsAreFirst(tensors), classLabels(tensors))
  if (found === undefined)
    throw invalidField('outputs', `${JSON.stringify(value.name)} has no numbers to classify by`)
  return found
}
